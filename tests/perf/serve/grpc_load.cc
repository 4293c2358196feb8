// Calls GetPackage as often as one thread can, with a fixed number of calls
// under way, and prints {"rate", "p50_ms", "p99_ms", "bytes"}. Neither request
// nor response is parsed, so that the server is what is measured.
//
//   grpc_load ADDRESS PACKAGE SECONDS CALLS
//   grpc_load --save FILE ADDRESS PACKAGE     writes one response to FILE

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/support/byte_buffer.h"

#include "registry/v1/package.pb.h"

namespace {

using Clock = std::chrono::steady_clock;

constexpr char kMethod[] = "/orrery.registry.v1.PackageService/GetPackage";

struct Call {
  std::unique_ptr<grpc::ClientContext> context;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
  grpc::ByteBuffer response;
  grpc::Status status;
  Clock::time_point begin;
};

class Load {
 public:
  Load(const std::string& address, const std::string& package)
      : stub_(
            grpc::CreateChannel(address, grpc::InsecureChannelCredentials())) {
    orrery::registry::v1::GetPackageRequest request;
    request.set_package(package);
    const grpc::Slice slice(request.SerializeAsString());
    request_ = grpc::ByteBuffer(&slice, 1);
  }

  // The bytes of one response.
  std::string Once() {
    Call call;
    Begin(&call);
    Next();
    grpc::Slice slice;
    if (!call.status.ok() || !call.response.DumpToSingleSlice(&slice).ok()) {
      std::cerr << call.status.error_message() << "\n";
      std::exit(1);
    }
    return {reinterpret_cast<const char*>(slice.begin()), slice.size()};
  }

  void Run(std::chrono::seconds duration, int calls) {
    const Clock::time_point begin = Clock::now();
    const Clock::time_point end = begin + duration;
    std::vector<Call> under_way(static_cast<size_t>(calls));
    for (Call& call : under_way) Begin(&call);
    for (int left = calls; left > 0;) {
      Call* const call = Next();
      const Clock::time_point now = Clock::now();
      if (!call->status.ok()) {
        std::cerr << call->status.error_message() << "\n";
        std::exit(1);
      }
      latencies_.push_back(
          std::chrono::duration<double, std::milli>(now - call->begin).count());
      bytes_ = call->response.Length();
      if (now < end) {
        Begin(call);
      } else {
        --left;
      }
    }
    Print(std::chrono::duration<double>(Clock::now() - begin).count());
  }

 private:
  void Begin(Call* call) {
    call->context = std::make_unique<grpc::ClientContext>();
    call->response.Clear();
    call->begin = Clock::now();
    call->reader =
        stub_.PrepareUnaryCall(call->context.get(), kMethod, request_, &queue_);
    call->reader->StartCall();
    call->reader->Finish(&call->response, &call->status, call);
  }

  Call* Next() {
    void* tag = nullptr;
    bool ok = false;
    queue_.Next(&tag, &ok);
    return static_cast<Call*>(tag);
  }

  void Print(double seconds) {
    std::sort(latencies_.begin(), latencies_.end());
    const auto at = [this](double share) {
      return latencies_[static_cast<size_t>(
          share * static_cast<double>(latencies_.size() - 1))];
    };
    std::cout << "{\"rate\": "
              << static_cast<double>(latencies_.size()) / seconds
              << ", \"p50_ms\": " << at(0.5) << ", \"p99_ms\": " << at(0.99)
              << ", \"bytes\": " << bytes_ << "}" << std::endl;
  }

  grpc::GenericStub stub_;
  grpc::ByteBuffer request_;
  grpc::CompletionQueue queue_;
  std::vector<double> latencies_;
  size_t bytes_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() != 4) {
    std::cerr << "usage: grpc_load ADDRESS PACKAGE SECONDS CALLS\n"
                 "       grpc_load --save FILE ADDRESS PACKAGE\n";
    return 64;
  }
  if (arguments[0] == "--save") {
    std::ofstream(arguments[1], std::ios::binary)
        << Load(arguments[2], arguments[3]).Once();
    return 0;
  }
  Load(arguments[0], arguments[1])
      .Run(std::chrono::seconds(std::stoi(arguments[2])),
           std::stoi(arguments[3]));
}
