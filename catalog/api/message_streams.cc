#include "catalog/api/message_streams.h"

#include <utility>

#include "absl/status/status.h"

#include "catalog/api/proto_conversion.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {

absl::StatusOr<std::unique_ptr<OperationStream>> OperationStream::Open(
    const OperationRunner* runner, const std::string& name) {
  ORRERY_RETURN_IF_ERROR(runner->Get(name).status());
  return std::unique_ptr<OperationStream>(new OperationStream(runner, name));
}

absl::StatusOr<std::vector<v1::WatchOperationResponse>>
OperationStream::Poll() {
  ORRERY_ASSIGN_OR_RETURN(const Operation operation, runner_->Get(name_));
  v1::WatchOperationResponse response;
  *response.mutable_operation() = ToProto(operation);
  done_ = !operation.running();
  std::string bytes = response.SerializeAsString();
  if (last_ == bytes) return std::vector<v1::WatchOperationResponse>();
  last_ = std::move(bytes);
  return std::vector<v1::WatchOperationResponse>{std::move(response)};
}

absl::StatusOr<std::vector<v1::StreamLogsResponse>> LogStream::Poll() {
  absl::StatusOr<std::vector<LogLine>> lines = reader_->Read();
  if (absl::IsNotFound(lines.status())) {
    // The service is gone, and with it what could still be written.
    done_ = true;
    return std::vector<v1::StreamLogsResponse>();
  }
  ORRERY_RETURN_IF_ERROR(lines.status());
  done_ = !follow_ && reader_->at_end();
  if (lines->empty()) return std::vector<v1::StreamLogsResponse>();
  v1::StreamLogsResponse response;
  for (LogLine& line : *lines) {
    v1::LogLine* out = response.add_lines();
    out->set_task(std::move(line.task));
    out->set_stream(std::move(line.stream));
    out->set_text(std::move(line.text));
  }
  return std::vector<v1::StreamLogsResponse>{std::move(response)};
}

}  // namespace orrery::catalog
