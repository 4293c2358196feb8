"""C++ for .proto files, made by the protoc and grpc_cpp_plugin of the system."""

def cc_grpc_library(name, srcs, deps = [], visibility = None):
    """Generates and compiles messages and service stubs.

    Args:
      name: of the cc_library; <name>_protos is a filegroup for importers.
      srcs: .proto files of this folder.
      deps: other cc_grpc_library targets whose protos are imported.
      visibility: of the library and the filegroup.
    """
    native.filegroup(
        name = name + "_protos",
        srcs = srcs + [dep + "_protos" for dep in deps],
        visibility = visibility,
    )
    outs = []
    for src in srcs:
        stem = src[:-len(".proto")]
        outs += [stem + end for end in [".pb.h", ".pb.cc", ".grpc.pb.h", ".grpc.pb.cc"]]
    native.genrule(
        name = name + "_generated",
        srcs = [":" + name + "_protos"],
        outs = outs,
        cmd = " ".join(
            [
                "/usr/bin/protoc --proto_path=. --cpp_out=$(GENDIR)",
                "--plugin=protoc-gen-grpc=/usr/bin/grpc_cpp_plugin --grpc_out=$(GENDIR)",
            ] + [native.package_name() + "/" + src for src in srcs],
        ),
    )
    native.cc_library(
        name = name,
        srcs = [out for out in outs if out.endswith(".cc")],
        hdrs = [out for out in outs if out.endswith(".h")],
        copts = ["-w"],
        features = ["-layering_check"],
        visibility = visibility,
        deps = deps + ["//third_party/grpc"],
    )
