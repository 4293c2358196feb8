"""A fuzz target: NAME_fuzz.cc, run by libFuzzer and replayed by `bazel test`."""

def fuzz_target(name, deps):
    """Declares NAME_replay_test and NAME_fuzzer for NAME_fuzz.cc.

    NAME_replay_test gives every file of corpus/NAME to the target once.
    NAME_fuzzer is the libFuzzer program, which only clang can link:

        bazel build --config=fuzz //tests/fuzz:NAME_fuzzer

    Args:
      name: the subject, in snake_case.
      deps: what NAME_fuzz.cc includes.
    """
    native.cc_library(
        name = name + "_fuzz",
        testonly = True,
        srcs = [name + "_fuzz.cc"],
        deps = deps,
        alwayslink = True,
    )
    native.filegroup(
        name = name + "_corpus",
        srcs = native.glob(["corpus/" + name + "/**"]),
    )
    native.cc_test(
        name = name + "_replay_test",
        size = "small",
        args = ["$(locations :" + name + "_corpus)"],
        data = [":" + name + "_corpus"],
        deps = [
            ":" + name + "_fuzz",
            ":replay_main",
        ],
    )
    native.cc_binary(
        name = name + "_fuzzer",
        testonly = True,
        linkopts = ["-fsanitize=fuzzer"],
        tags = ["manual"],
        deps = [":" + name + "_fuzz"],
    )
