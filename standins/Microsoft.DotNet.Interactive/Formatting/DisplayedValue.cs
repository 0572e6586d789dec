namespace Microsoft.DotNet.Interactive.Formatting
{
    /// <summary>A value that has been shown and can be shown anew in the same place.</summary>
    public class DisplayedValue
    {
        public DisplayedValue(object? value, IReadOnlyList<FormattedValue> formattedValues)
        {
            Value = value;
            FormattedValues = formattedValues ?? throw new ArgumentNullException(nameof(formattedValues));
        }

        public string DisplayId { get; } = Guid.NewGuid().ToString("N");

        public object? Value { get; private set; }

        public IReadOnlyList<FormattedValue> FormattedValues { get; private set; }

        public bool IsUpdated { get; private set; }

        /// <summary>Shows another value in this one's place, in the same forms.</summary>
        public void Update(object? updatedValue)
        {
            Value = updatedValue;
            FormattedValues = FormattedValue.CreateManyFromObject(updatedValue, [.. FormattedValues.Select(f => f.MimeType)]);
            IsUpdated = true;
            Show();
        }

        /// <summary>To the cell that is running here, or to the console where there is none.</summary>
        internal void Show()
        {
            if (KernelInvocationContext.Current is { } context)
                context.Show(this);
            else
                Console.WriteLine(Value.ToDisplayString());
        }
    }
}

namespace System
{
    using Microsoft.DotNet.Interactive.Formatting;

    /// <summary><c>value.Display()</c>.</summary>
    public static class DisplayExtensions
    {
        public static DisplayedValue Display(this object? value, params string[] mimeTypes)
        {
            var displayed = new DisplayedValue(value, FormattedValue.CreateManyFromObject(value, mimeTypes));
            displayed.Show();
            return displayed;
        }

        public static DisplayedValue DisplayAs(this string value, string mimeType)
        {
            var displayed = new DisplayedValue(value, [new FormattedValue(mimeType, value)]);
            displayed.Show();
            return displayed;
        }
    }
}
