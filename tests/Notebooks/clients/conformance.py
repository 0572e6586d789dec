"""The kernels' conformance suite (Debian: python3-jupyter-kernel-test) over the lab's kernel."""
import unittest

import jupyter_kernel_test


class CSharpKernelTests(jupyter_kernel_test.KernelTests):
    kernel_name = ".net-csharp"
    language_name = "C#"
    file_extension = ".cs"
    code_hello_world = 'Console.WriteLine("hello, world");'
    code_stderr = 'Console.Error.WriteLine("test");'
    completion_samples = [
        {"text": "Console.WriteL", "matches": {"WriteLine"}},
        {"text": "Console.Out.Flu", "matches": {"Flush", "FlushAsync"}},
        {"text": "System.Collections.Generic.Linked", "matches": {"LinkedList", "LinkedListNode"}},
    ]
    complete_code_samples = ["1", "var x = 1;", "int f(int x)\n{\n    return x * 2;\n}", "#!html\n<b>", "#!time\n1 + 1"]
    incomplete_code_samples = ["int f(int x)\n{", "new[] { 1,", '$"""\nabc', "Console.WriteLine("]
    invalid_code_samples = ["int x = = 2;", ")"]
    code_generate_error = 'throw new InvalidOperationException("made to fail");'
    code_execute_result = [
        {"code": "6 * 7", "result": "42"},
        {"code": '"a" + "b"', "result": "ab"},
        {"code": "new[] { 1, 2, 3 }", "result": "[ 1, 2, 3 ]"},
        {"code": "var n = 20; n + 1", "result": "21"},
        {"code": "await Task.FromResult(5)", "result": "5"},
        {"code": 'HTML("<b>x</b>")', "result": "<b>x</b>", "mime": "text/html"},
    ]
    code_display_data = [
        {"code": "display(1);", "mime": "text/html"},
        {"code": '"text".Display();', "mime": "text/plain"},
        {"code": "#!markdown\n*text*", "mime": "text/markdown"},
        {"code": 'new { A = 1, B = "x" }.Display();', "mime": "text/plain"},
    ]
    supported_history_operations = ("tail", "range", "search")
    code_history_pattern = "6 ? 7"
    code_inspect_sample = "Console.WriteLine"
    # Not in .NET Interactive's API, so no cell can ask for them: a pager, and clearing the output.


if __name__ == "__main__":
    unittest.main(verbosity=2)
