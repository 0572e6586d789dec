using System.CommandLine;
using Spectre.Console;
using ZeroI2V.Lab.Ablations;
using ZeroI2V.Lab.Reporting;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.CommandLine;

/// <summary><c>lab sweep search NAME</c>: the best row for a kind of data at a fraction of the sweep's cost. <c>lab sweep heads</c>: how much each head is needed.</summary>
internal static class SweepSearch
{
    internal static Command Create()
    {
        var defaults = new RowSearchOptions();
        Argument<string> name = new("name") { Description = "A sweep that lab sweep list shows, or the path of a JSON file.", DefaultValueFactory = _ => "head-split" };
        Option<string?> kind = new("--kind") { Description = $"The kind of data: {string.Join(" or ", SweepData.Made.Select(data => data.Key))}; by default all of the sweep." };
        Option<double> first = new("--first-round") { Description = "Epochs of the first round as a share of the sweep's.", DefaultValueFactory = _ => defaults.FirstRound };
        Option<double> keep = new("--keep") { Description = "Rows that stay after a round, as a share.", DefaultValueFactory = _ => defaults.Keep };
        Option<double> holdOut = new("--hold-out") { Description = "Share of the training clips that rows are judged by.", DefaultValueFactory = _ => defaults.HoldOut };
        Option<int> searchSeeds = new("--search-seeds") { Description = "Seeds of every round.", DefaultValueFactory = _ => defaults.Seeds };
        Option<int> seeds = new("--seeds") { Description = "Seeds of the full sweep that the cost is compared with.", DefaultValueFactory = _ => 3 };
        Option<int?> jobs = new("--jobs") { Description = "How many processes, each on one core; by default as many as there are cores." };
        Option<MicroSize> size = SharedOptions.Size();
        Option<string> data = SharedOptions.Data(), models = SharedOptions.Models(), root = SharedOptions.Runs();
        DataSetOptions dataSet = SharedOptions.DataSet();
        var command = new Command("search", "Finds the best row for a kind of data by successive halving on held-out training clips, and says what that cost beside the full sweep.")
        {
            name, kind, first, keep, holdOut, searchSeeds, seeds, jobs, size, data, models, root,
        };
        dataSet.To(command);
        command.SetAction((parsed, token) => Task.Run(
            () =>
            {
                SweepDefinition definition = SweepDefinition.Open(parsed.GetValue(name)!);
                var store = new RunStore(parsed.GetValue(root)!);
                var options = new RowSearchOptions { FirstRound = parsed.GetValue(first), Keep = parsed.GetValue(keep), HoldOut = parsed.GetValue(holdOut), Seeds = parsed.GetValue(searchSeeds) };
                DataSetChoice? set = dataSet.Of(parsed);
                SweepSource source = SweepWork.Source(parsed.GetValue(size), parsed.GetValue(data)!, parsed.GetValue(models)!, set, store, token);
                definition = source.Narrowed(definition, 0, parsed.GetValue(kind) is string only ? [only] : []);
                SweepPlan full = SweepPlan.Make(definition, parsed.GetValue(size), parsed.GetValue(seeds), source, store);
                SweepResults results = SweepResults.Of(store, full);
                foreach (string searched in definition.Data)
                {
                    RowSearchResult? search = RowSearch.TryFind(full, searched, source, store, options, runs =>
                    {
                        WorkList work = WorkList.Of(full.Size, runs, parsed.GetValue(data)!, parsed.GetValue(models)!, store, set) with { Device = parsed.GetValue<string>(SharedOptions.DeviceName)! };
                        SweepWork.Here(work, source, parsed.GetValue(jobs), Path.Combine(store.Root, "sweeps", $"{definition.Name}-{SweepRecord.Word(full.Size)}-search"), token);
                        return true;
                    });
                    AnsiConsole.Write(TerminalTable.From(SearchTables.Search(search!, results)));
                }
                return 0;
            },
            token));
        return command;
    }

    internal static Command CreateHeads()
    {
        Option<string?> kind = new("--kind") { Description = $"The kind of data: {string.Join(" or ", SweepData.Made.Select(data => data.Key))}; by default {SweepData.MicroSsv2.Key}." };
        Option<MicroSize> size = SharedOptions.Size();
        Option<string> data = SharedOptions.Data(), models = SharedOptions.Models(), root = SharedOptions.Runs();
        var command = new Command("heads", "How much the frozen image model needs each head for a kind of data, and which heads each choice takes; lab sweep which-heads trains them.") { kind, size, data, models, root };
        DataSetOptions dataSet = SharedOptions.DataSet();
        dataSet.To(command);
        command.SetAction((parsed, token) => Task.Run(
            () =>
            {
                SweepSource source = SweepWork.Source(parsed.GetValue(size), parsed.GetValue(data)!, parsed.GetValue(models)!, dataSet.Of(parsed), new RunStore(parsed.GetValue(root)!), token);
                string measured = parsed.GetValue(kind) ?? source.DataSet?.Manifest.Id ?? SweepData.MicroSsv2.Key;
                AnsiConsole.Write(TerminalTable.From(SearchTables.Heads(source.Importance(measured), measured)));
                return 0;
            },
            token));
        return command;
    }
}
