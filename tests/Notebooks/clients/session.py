"""A session of the lab's kernel with jupyter_client (Debian: python3-jupyter-client), as clients have it."""
import json
import os
import signal
import subprocess
import sys
import time
import unittest
from queue import Empty

import zmq
from jupyter_client.manager import start_new_kernel
from jupyter_client.session import Session

KERNEL = ".net-csharp"
REPOSITORY = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
LAB = os.path.join(REPOSITORY, "bin", "lab", "ZeroI2V.Lab.dll")
TIMEOUT = 60


class SessionTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.km, cls.kc = start_new_kernel(kernel_name=KERNEL, startup_timeout=TIMEOUT)

    @classmethod
    def tearDownClass(cls):
        cls.kc.stop_channels()
        cls.km.shutdown_kernel()

    def run_cell(self, code, **options):
        """Runs a cell; gives its reply and its outputs as (type, content)."""
        outputs = []
        message = self.kc.execute(code, **options)
        while True:
            output = self.kc.get_iopub_msg(timeout=TIMEOUT)
            if output["parent_header"].get("msg_id") != message:
                continue
            if output["msg_type"] == "status" and output["content"]["execution_state"] == "idle":
                break
            if output["msg_type"] not in ("status", "execute_input"):
                outputs.append((output["msg_type"], output["content"]))
        while True:
            reply = self.kc.get_shell_msg(timeout=TIMEOUT)
            if reply["parent_header"]["msg_id"] == message:
                return reply["content"], outputs

    def value(self, code):
        reply, outputs = self.run_cell(code)
        self.assertEqual(reply["status"], "ok", reply)
        return outputs[-1][1]["data"]["text/plain"]

    def start_cell(self, code, says):
        """Starts a cell and waits until it has said this."""
        message = self.kc.execute(code)
        text = ""
        while says not in text:
            output = self.kc.get_iopub_msg(timeout=TIMEOUT)
            if output["msg_type"] == "stream":
                text += output["content"]["text"]
            self.assertNotEqual(output["msg_type"], "error", output["content"])
        return message

    def reply_to(self, message):
        while True:
            reply = self.kc.get_shell_msg(timeout=TIMEOUT)
            if reply["parent_header"]["msg_id"] == message:
                return reply["content"]

    def test_output_comes_while_the_cell_runs_in_order(self):
        before = time.monotonic()
        message = self.start_cell('Console.WriteLine("first"); await Task.Delay(30_000);', "first")
        self.assertLess(time.monotonic() - before, 30)
        self.km.interrupt_kernel()
        self.reply_to(message)
        _, outputs = self.run_cell('Console.Write("a"); Console.Error.Write("b"); display("c"); Console.Write("d"); 7')
        seen = [content.get("text") or content["data"]["text/plain"] for _, content in outputs]
        self.assertEqual(seen, ["a", "b", "c", "d", "7"])

    def test_a_displayed_value_is_updated_under_its_name(self):
        _, outputs = self.run_cell('var shown = display("0 %"); shown.Update("100 %");')
        self.assertEqual([kind for kind, _ in outputs], ["display_data", "update_display_data"])
        self.assertEqual(outputs[0][1]["transient"]["display_id"], outputs[1][1]["transient"]["display_id"])
        self.assertEqual(outputs[1][1]["data"]["text/plain"], "100 %")
        _, outputs = self.run_cell('shown.Update("later");')
        self.assertEqual(outputs[0][0], "update_display_data")

    def test_an_error_names_cell_and_line_and_aborts_what_was_sent_behind_it(self):
        # It fails after the cell behind it has come, however slow the client is.
        failing = self.kc.execute('var a = 1;\nwhile (!System.IO.File.Exists("behind.txt")) await Task.Delay(10);\nthrow new InvalidOperationException("made");')
        behind = self.kc.execute("var never = 1;")
        time.sleep(1)
        open("behind.txt", "w").close()
        error = self.reply_to(failing)
        self.assertEqual((error["status"], error["ename"]), ("error", "InvalidOperationException"))
        self.assertIn("line 3: made", error["evalue"])
        self.assertEqual(self.reply_to(behind)["status"], "aborted")
        reply, _ = self.run_cell("never")
        self.assertEqual(reply["ename"], "CS0103")
        self.assertEqual(self.value("a"), "1")

    def test_interrupts_stop_loops_waits_and_awaits_and_leave_the_state(self):
        self.run_cell("var kept = 41;")
        cells = [
            'Console.WriteLine("go"); while (true) { }',
            'Console.WriteLine("go"); while (true) { try { while (true) { } } catch (Exception) { } }',
            'Console.WriteLine("go"); System.Threading.Thread.Sleep(-1);',
            'Console.WriteLine("go"); Task.Delay(-1).Wait();',
            'Console.WriteLine("go"); await Task.Delay(-1);',
            'await Task.Delay(10); Console.WriteLine("go"); while (true) { }',
            'var l = new List<string>(); Console.WriteLine("go"); while (true) { l.Add(l.Count.ToString()); if (l.Count > 1000) l.Clear(); }',
        ]
        for number, cell in enumerate(cells):
            with self.subTest(cell=cell):
                message = self.start_cell(f"var before{number} = kept; " + cell, "go")
                before = time.monotonic()
                self.km.interrupt_kernel()
                reply = self.reply_to(message)
                self.assertEqual((reply["status"], reply["ename"]), ("error", "Interrupted"))
                self.assertLess(time.monotonic() - before, 10)
                # What the cell had set before it was stopped is there too.
                self.assertEqual(self.value(f"kept + before{number} - 40"), "42")

    def test_a_loop_that_watches_its_token_ends_at_its_next_step(self):
        message = self.start_cell(
            "var stop = Microsoft.DotNet.Interactive.KernelInvocationContext.Current.CancellationToken; int steps = 0;\n"
            'while (!stop.IsCancellationRequested) { if (steps++ == 0) Console.WriteLine("go"); System.Threading.Thread.Sleep(50); }\n'
            "var ended = true;", "go")
        self.km.interrupt_kernel()
        self.reply_to(message)
        self.assertEqual(self.value("ended && steps > 0"), "True")

    def test_training_ends_at_its_next_step_and_goes_on_from_there(self):
        model = os.path.join(REPOSITORY, "models", "micro-vit-small.safetensors")
        reply, _ = self.run_cell(f"""#r "{LAB}"
            using ZeroI2V.Lab.Ablations; using ZeroI2V.Lab.Backbone; using ZeroI2V.Lab.Evaluation; using ZeroI2V.Lab.Notebooks;
            using ZeroI2V.Lab.Stdha; using ZeroI2V.Lab.Training; using ZeroI2V.Lab.VideoData; using ZeroI2V.Lab.VideoData.MicroWorld;
            class Steps : IProgress<TrainingProgress> {{ public int Done; public void Report(TrainingProgress p) {{ if (++Done == 3) Console.WriteLine("training"); }} }}
            var clips = MicroSsv2.Ensure("data", MicroSize.Quick);
            var recognizer = MicroRecipe.Recognizer with {{ Heads = HeadSplit.Lowest(-1, +1) }};
            var options = TrainingOptions.MicroSsv2 with {{ Epochs = 10_000, BatchSize = 4 }};
            var batches = new ClipLoader(DecodedClips.Load(clips.Train, recognizer.Backbone.Resolution), new ClipLoaderOptions {{ Training = true, BatchSize = 4, Sampling = new FrameSampling {{ Frames = 8 }}, DropLast = true }});
            var model = Trainer.Prepare(recognizer, "{model}", seed: 0);
            var folder = new RunFolder("interrupted-run");""")
        self.assertEqual(reply["status"], "ok", reply)
        for token in ("", ", cancellationToken: Microsoft.DotNet.Interactive.KernelInvocationContext.Current.CancellationToken"):
            with self.subTest(token=token):
                message = self.start_cell(f"var steps = new Steps(); var outcome = new Trainer(model, options).Run(batches, folder, progress: steps{token});", "training")
                before = time.monotonic()
                self.km.interrupt_kernel()
                reply = self.reply_to(message)
                self.assertLess(time.monotonic() - before, 10)
                # Without the token the cell is interrupted; with it, the run says itself that it is not at its end.
                self.assertEqual((reply["status"], reply.get("ename")), ("ok", None) if token else ("error", "Interrupted"))
                self.assertEqual(self.value("steps.Done >= 3 && steps.Done < 1000"), "True")
        # The second part took up the first one's steps, and the model is there to be used.
        self.assertEqual(self.value("outcome.ResumedAtStep > 0 && outcome.Step > outcome.ResumedAtStep && !outcome.Finished"), "True")
        self.assertEqual(self.value("string.Join(' ', model.call(TorchSharp.torch.zeros([1, 3, 8, 36, 36])).shape)"), "1 22")

    def test_an_interrupt_without_a_cell_does_nothing(self):
        self.km.interrupt_kernel()
        # Control and shell are two connections: which of two messages comes first is not said.
        time.sleep(0.5)
        self.assertEqual(self.value("1 + 1"), "2")

    def test_completion_knows_what_cells_declared(self):
        self.run_cell('var learningRate = 0.1; string Describe(int steps) => $"{steps}";')
        reply = self.kc.complete("learningR", reply=True, timeout=TIMEOUT)["content"]
        self.assertEqual((reply["matches"], reply["cursor_start"], reply["cursor_end"]), (["learningRate"], 0, 9))
        reply = self.kc.complete('// é 😀\nlearningRate.CompareT', reply=True, timeout=TIMEOUT)["content"]
        self.assertEqual((reply["matches"], reply["cursor_start"]), (["CompareTo"], 20))
        reply = self.kc.inspect("Describe", reply=True, timeout=TIMEOUT)["content"]
        self.assertIn("string Describe(int steps)", reply["data"]["text/plain"])
        reply = self.kc.inspect("nowhere", reply=True, timeout=TIMEOUT)["content"]
        self.assertFalse(reply["found"])

    def test_two_hundred_quick_cells(self):
        self.run_cell("int count = 0;")
        for _ in range(200):
            self.run_cell("count++;")
        self.assertEqual(self.value("count"), "200")

    def test_a_cell_that_asks_for_input_is_refused(self):
        reply, _ = self.run_cell("Console.ReadLine()")
        self.assertEqual(reply["ename"], "NotSupportedException")
        self.assertIn("Cells cannot ask for input", reply["evalue"])

    def test_a_silent_cell_says_nothing_and_is_not_counted(self):
        first, _ = self.run_cell("1")
        _, outputs = self.run_cell('Console.WriteLine("unheard"); 5', silent=True)
        self.assertEqual(outputs, [])
        second, _ = self.run_cell("2", user_expressions={"sum": "1 + 2", "bad": "nowhere"})
        self.assertEqual(second["execution_count"], first["execution_count"] + 1)
        self.assertEqual(second["user_expressions"]["sum"]["data"]["text/plain"], "3")
        self.assertEqual(second["user_expressions"]["bad"]["status"], "error")

    def test_fifty_megabytes_of_text_are_cut_with_a_note_and_do_no_harm(self):
        reply, outputs = self.run_cell('var line = new string(\'x\', 99);\nfor (int i = 0; i < 500_000; i++) Console.WriteLine(line);\nConsole.WriteLine("the end");')
        self.assertEqual(reply["status"], "ok")
        text = "".join(content["text"] for kind, content in outputs if kind == "stream")
        self.assertLess(len(text), 2_000_000)
        self.assertIn("cut", text)
        self.assertTrue(text.endswith("the end\n"), text[-200:])
        self.assertEqual(self.value("1 + 1"), "2")

    def test_foreign_unsigned_and_senseless_messages_are_dropped(self):
        with open(self.km.connection_file) as file:
            connection = json.load(file)
        context = zmq.Context()
        socket = context.socket(zmq.DEALER)
        socket.connect(f"tcp://{connection['ip']}:{connection['shell_port']}")
        content = {"code": "var intruder = 1;", "silent": False}
        for key in (b"another key", b""):
            session = Session(key=key)
            session.send(socket, "execute_request", content)
        good = Session(key=connection["key"].encode())
        # Signed for another content; too short; not JSON; no frames to speak of; of an unknown type; answers to no question.
        frames = good.serialize(good.msg("execute_request", content))
        socket.send_multipart(frames[:-1] + [b'{"code": "var intruder = 2;"}'])
        socket.send_multipart(frames[:3])
        broken = [b"{", b"{}", b"{}", b"{}"]
        socket.send_multipart([b"<IDS|MSG>", good.sign(broken)] + broken)
        deep = [b"{\"a\":" * 5000 + b"1" + b"}" * 5000, b"{}", b"{}", b"{}"]
        socket.send_multipart([b"<IDS|MSG>", good.sign(deep)] + deep)
        socket.send_multipart([b""] * 100)
        for kind in ("no_such_request", "comm_msg", "comm_close", "input_reply", "execute_reply"):
            good.send(socket, kind, {"comm_id": "x"})
        good.send(socket, "comm_open", {"comm_id": "x", "target_name": "widget", "data": {}})
        good.send(socket, "execute_request", {"code": 5})
        time.sleep(0.5)
        reply, _ = self.run_cell("intruder")
        self.assertEqual(reply["ename"], "CS0103")
        self.assertTrue(self.kc.is_alive())
        context.destroy(linger=0)

    def test_the_heart_beats_while_a_cell_computes(self):
        with open(self.km.connection_file) as file:
            connection = json.load(file)
        context = zmq.Context()
        heart = context.socket(zmq.REQ)
        heart.connect(f"tcp://{connection['ip']}:{connection['hb_port']}")
        message = self.start_cell('Console.WriteLine("go"); while (true) { }', "go")
        for beat in (b"ping", b"", bytes(range(256))):
            heart.send(beat)
            self.assertTrue(heart.poll(5000))
            self.assertEqual(heart.recv(), beat)
        self.km.interrupt_kernel()
        self.reply_to(message)
        context.destroy(linger=0)

    def test_a_type_of_ones_own_is_shown_as_its_formatter_says(self):
        _, outputs = self.run_cell(
            "using Microsoft.DotNet.Interactive.Formatting;\nrecord Clip(string Name);\n"
            'Formatter.Register<Clip>(clip => $"<b>{clip.Name}</b>", "text/html");\nnew Clip("waving")')
        self.assertEqual(outputs[-1][0], "execute_result")
        self.assertEqual(outputs[-1][1]["data"]["text/html"], "<b>waving</b>")
        self.assertIn("waving", outputs[-1][1]["data"]["text/plain"])

    def test_documentation_comes_with_what_is_inspected(self):
        reply = self.kc.inspect("System.Math.Max", reply=True, timeout=TIMEOUT)["content"]
        self.assertIn("Max(", reply["data"]["text/plain"])
        self.run_cell(f'#r "{LAB}"\nusing ZeroI2V.Lab.Stdha;')
        reply = self.kc.inspect("HeadSplit.Lowest", reply=True, timeout=TIMEOUT)["content"]
        self.assertIn("HeadSplit", reply["data"]["text/plain"])
        with open(LAB.replace(".dll", ".xml")) as file:
            words = file.read().split('name="M:ZeroI2V.Lab.Stdha.HeadSplit.Lowest(')[1].split("<summary>")[1].split("</summary>")[0].split()
        self.assertIn(" ".join(words[:3]), " ".join(reply["data"]["text/plain"].split()))

    def test_only_this_machine_can_reach_it(self):
        with open(self.km.connection_file) as file:
            connection = json.load(file)
        with open("/proc/net/tcp") as file:
            listening = [line.split()[1] for line in file if line.split()[3] == "0A"]
        for name in ("shell_port", "control_port", "iopub_port", "stdin_port", "hb_port"):
            self.assertIn(f"0100007F:{connection[name]:04X}", listening)


class EndTests(unittest.TestCase):
    """Ends of a kernel: restart, shutdown, a crash, a client that was killed."""

    def test_restart_begins_anew_and_shutdown_ends_it(self):
        km, kc = start_new_kernel(kernel_name=KERNEL, startup_timeout=TIMEOUT)
        try:
            kc.execute("var x = 1;", reply=True, timeout=TIMEOUT)
            km.restart_kernel(now=False)
            kc.wait_for_ready(timeout=TIMEOUT)
            reply = kc.execute("x", reply=True, timeout=TIMEOUT)["content"]
            self.assertEqual((reply["status"], reply["ename"], reply["execution_count"]), ("error", "CS0103", 1))
        finally:
            kc.stop_channels()
            before = time.monotonic()
            km.shutdown_kernel()
        self.assertLess(time.monotonic() - before, 4)
        self.assertFalse(km.is_alive())

    def test_a_function_that_calls_itself_without_end_is_an_error(self):
        km, kc = start_new_kernel(kernel_name=KERNEL, startup_timeout=TIMEOUT)
        try:
            for code in (
                "int Deep(int n) => Deep(n + 1) + 1;\nDeep(0)",
                "int Deep(int n)\n{ return Deep(n + 1) + 1; }\nDeep(0)",
                "void Deep() => Deeper();\nvoid Deeper() { Deep(); } Deep();",
                "Func<int, int> deep = null;\ndeep = n => { return deep(n + 1) + 1; }; deep(0)",
            ):
                with self.subTest(code=code):
                    reply = kc.execute("var before = 41;\n" + code, reply=True, timeout=TIMEOUT)["content"]
                    self.assertEqual((reply["status"], reply["ename"]), ("error", "InsufficientExecutionStackException"))
                    self.assertRegex(reply["evalue"], r"cell \d+, line [23]: ")
                    self.assertLess(len("\n".join(reply["traceback"])), 20_000)
                    self.assertEqual(kc.execute("before", reply=True, timeout=TIMEOUT)["content"]["status"], "ok")
        finally:
            kc.stop_channels()
            km.shutdown_kernel()

    def test_a_stack_overflow_ends_the_kernel_and_the_next_one_says_so_to_the_client(self):
        # In an expression nothing stops it: the process ends.
        self.ends("Func<int, int> deep = null; deep = n => deep(n + 1) + 1;\ndeep(0)", None, says="Stack overflow")

    def test_a_kernel_that_the_system_ends_is_followed_by_one_that_says_so(self):
        self.ends('Console.WriteLine("go"); while (true) { }', "go", says="memory runs out")

    def ends(self, code, kill_after, says):
        with open("stderr.txt", "w+") as stderr:
            km, kc = start_new_kernel(kernel_name=KERNEL, startup_timeout=TIMEOUT, stderr=stderr)
            try:
                kc.execute("1", reply=True, timeout=TIMEOUT)
                kc.execute(code)
                if kill_after:
                    while kill_after not in str(kc.get_iopub_msg(timeout=TIMEOUT)["content"].get("text")):
                        pass
                    os.kill(km.provisioner.pid, signal.SIGKILL)
                until = time.monotonic() + TIMEOUT
                while km.is_alive() and time.monotonic() < until:
                    time.sleep(0.1)
                self.assertFalse(km.is_alive())
                # As a notebook server does it when it finds that a kernel has died.
                km.restart_kernel(now=True)
                kc.wait_for_ready(timeout=TIMEOUT)
                text = []
                for _ in range(2):
                    shown = []
                    reply = kc.execute_interactive("1", timeout=TIMEOUT, output_hook=lambda message: shown.append(message["content"].get("text") or ""))
                    self.assertEqual(reply["content"]["status"], "ok")
                    text.append("".join(shown))
                # Once, in the first cell that is run.
                self.assertIn("The kernel before this one ended while it ran cell 2", text[0])
                self.assertIn(says, text[0])
                self.assertNotIn("ended", text[1])
                if not kill_after:
                    stderr.seek(0)
                    self.assertIn(says, stderr.read())
            finally:
                kc.stop_channels()
                km.shutdown_kernel()
            self.assertFalse(os.path.exists(km.connection_file + ".note"))

    def test_a_cell_that_takes_all_memory_fails_with_a_message_and_a_restart_helps(self):
        with open("stderr.txt", "w+") as stderr:
            # A small machine: 300 MB for the kernel.
            km, kc = start_new_kernel(kernel_name=KERNEL, startup_timeout=TIMEOUT, stderr=stderr, env=dict(os.environ, DOTNET_GCHeapHardLimit="0x12C00000"))
            try:
                message = kc.execute("var hoard = new List<byte[]>(); while (true) hoard.Add(new byte[1_000_000]);")
                until = time.monotonic() + TIMEOUT
                said = ""
                while km.is_alive() and "OutOfMemoryException" not in said and time.monotonic() < until:
                    try:
                        reply = kc.get_shell_msg(timeout=0.5)
                        said = reply["content"].get("ename", "") if reply["parent_header"]["msg_id"] == message else ""
                    except Empty:
                        pass
                stderr.seek(0)
                self.assertRegex(said + stderr.read(), "OutOfMemory|Out of memory")
                km.restart_kernel(now=True)
                kc.wait_for_ready(timeout=TIMEOUT)
                self.assertEqual(kc.execute("1", reply=True, timeout=TIMEOUT)["content"]["status"], "ok")
            finally:
                kc.stop_channels()
                km.shutdown_kernel()

    def test_a_killed_client_leaves_no_kernel(self):
        client = subprocess.Popen(
            [sys.executable, "-c", "from jupyter_client.manager import start_new_kernel\nimport time\n"
             f"km, kc = start_new_kernel(kernel_name='{KERNEL}', startup_timeout={TIMEOUT})\n"
             "kc.execute('while (true) { }')\nprint(km.provisioner.pid, flush=True)\ntime.sleep(600)"],
            stdout=subprocess.PIPE, text=True)
        kernel = int(client.stdout.readline())
        started = family(kernel)
        client.send_signal(signal.SIGKILL)
        client.wait()
        client.stdout.close()
        until = time.monotonic() + 15
        while any(map(running, started)) and time.monotonic() < until:
            time.sleep(0.2)
        self.assertEqual([pid for pid in started if running(pid)], [])


def family(pid):
    """The process and those that it started."""
    pids = [pid]
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat") as file:
                    if int(file.read().rsplit(")", 1)[1].split()[1]) == pid:
                        pids.append(int(name))
            except FileNotFoundError:
                pass
    return pids


def running(pid):
    """Whether the process is there and not only its name."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


if __name__ == "__main__":
    unittest.main(verbosity=2)
