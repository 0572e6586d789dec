namespace ZeroI2V.Lab.VideoData.DataSets;

/// <summary>HMDB51's files: one for each class and split, <c>FILE FLAG</c> a line, with flag 1 for training, 2 for test, 0 for not
/// used in this split. Classes are numbered in the order of the character codes of their names.</summary>
/// <remarks>Differs from the official scripts: they number the class folders that are on disk; here the annotation files count, so
/// that a class without a video changes no other's number. With all folders present both are the same.</remarks>
internal static class HmdbAnnotations
{
    public static Annotations Read(AnnotationFolder files)
    {
        IReadOnlyList<(string Class, string Path)> byClass = files.ByClass("train");
        List<AnnotatedVideo> train = [], validation = [], others = [];
        var known = new HashSet<string>(StringComparer.Ordinal);
        for (int label = 0; label < byClass.Count; label++)
        {
            (string name, string path) = byClass[label];
            foreach ((string line, string where) in files.Lines(path))
            {
                int space = line.LastIndexOf(' ');
                string flag = line[(space + 1)..];
                List<AnnotatedVideo>? list = flag switch { "1" => train, "2" => validation, "0" => others, _ => null };
                if (space <= 0 || list is null)
                    files.Leave(ProblemKind.MalformedLine, line, where, "Expected FILE FLAG with the flag 0, 1 or 2.");
                else
                    files.Add(list, known, new AnnotatedVideo($"{name}/{line[..space].Trim()}", label, where));
            }
        }
        return new Annotations([.. byClass.Select(c => c.Class)], train, validation, others, files.Problems);
    }
}
