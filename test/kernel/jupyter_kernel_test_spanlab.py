"""The Jupyter project's own test of a kernel, with samples in TypeScript. Left out: stdin and pager, which tslab has none of."""

import unittest

import jupyter_kernel_test


class TypeScriptKernelTests(jupyter_kernel_test.KernelTests):
    kernel_name = "tslab"
    language_name = "typescript"
    file_extension = ".ts"

    code_hello_world = "console.log('hello, world')"
    code_stderr = "console.error('oops')"
    completion_samples = [
        {"text": "Math.sq", "matches": ["sqrt"]},
        {"text": "console.err", "matches": ["error"]},
        {"text": "[1].fil", "matches": ["fill", "filter"]},
        {"text": "const a = 'x'; a.toUpperC", "matches": ["toUpperCase"]},
    ]
    complete_code_samples = ["1", "let x = 3", "function f() {\n  return 1\n}", "// note", ""]
    incomplete_code_samples = ["function f() {", "const a = [1,", "f(", "`text", "/* note", "if (true)"]
    invalid_code_samples = ["let 3 = x", ")", "const a = 1 2 3", "'text"]
    code_generate_error = "throw new Error('expected')"
    code_execute_result = [
        {"code": "1 + 2", "result": "3"},
        {"code": "'a' + 'b'", "result": "ab"},
        {"code": "[1, 2]", "result": "[ 1, 2 ]"},
        {"code": "await Promise.resolve(7)", "result": "7"},
    ]
    code_display_data = [
        {"code": "display.html('<b>7</b>')", "mime": "text/html"},
        {"code": "display({ a: 1 })", "mime": "text/plain"},
        {"code": "display({ data: [{ x: [1], y: [2] }], layout: {} })", "mime": "application/vnd.plotly.v1+json"},
    ]
    code_history_pattern = "1 ?*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "Math.sqrt"
    code_clear_output = "clearOutput()"


    def test_interrupt(self):
        """Stopping a cell ends it with an error, and the next cell runs."""
        for code in ("while (true) {}", "await new Promise(() => {})"):
            with self.subTest(code=code):
                self.flush_channels()
                self.kc.execute(code)
                while self.kc.get_iopub_msg(timeout=15)["msg_type"] != "execute_input":
                    pass
                self.km.interrupt_kernel()
                reply = self.get_non_kernel_info_reply(timeout=15)
                self.assertEqual(reply["content"]["status"], "error")
                self.assertEqual(reply["content"]["ename"], "Interrupted")
                self.flush_channels()
                reply, _ = self.execute_helper("1 + 1")
                self.assertEqual(reply["content"]["status"], "ok")


if __name__ == "__main__":
    unittest.main()
