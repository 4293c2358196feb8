// The emptiest server that gRPC allows: answers every GetPackage with the same
// bytes, without looking at the request.
//
//   grpc_echo FILE     serves the bytes of FILE; prints its address

#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>

#include "grpcpp/grpcpp.h"
#include "grpcpp/support/byte_buffer.h"

#include "registry/v1/package.grpc.pb.h"

namespace {

using orrery::registry::v1::PackageService;

class Echo : public PackageService::WithRawCallbackMethod_GetPackage<
                 PackageService::Service> {
 public:
  explicit Echo(const std::string& bytes) : answer_(bytes) {}

  grpc::ServerUnaryReactor* GetPackage(grpc::CallbackServerContext* context,
                                       const grpc::ByteBuffer*,
                                       grpc::ByteBuffer* response) override {
    *response = grpc::ByteBuffer(&answer_, 1);
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

 private:
  const grpc::Slice answer_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: grpc_echo FILE\n";
    return 64;
  }
  std::ifstream file(argv[1], std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  Echo echo(bytes);
  int port = 0;
  grpc::ServerBuilder builder;
  builder.RegisterService(&echo);
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                           &port);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  std::cout << "127.0.0.1:" << port << std::endl;
  server->Wait();
}
