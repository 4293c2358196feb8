#ifndef CATALOG_API_STREAM_REACTOR_H_
#define CATALOG_API_STREAM_REACTOR_H_

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "grpcpp/alarm.h"
#include "grpcpp/grpcpp.h"

#include "catalog/api/message_stream.h"
#include "registry/status/grpc_status.h"
#include "third_party/absl/mutex.h"

namespace orrery::catalog {

// Passes a MessageStream on over gRPC: polls it on an alarm, writes one message
// at a time, never blocks. Deletes itself when the call is over.
template <typename Message>
class StreamReactor : public grpc::ServerWriteReactor<Message> {
 public:
  // A status instead of a stream ends the call with it.
  explicit StreamReactor(
      absl::StatusOr<std::unique_ptr<MessageStream<Message>>> stream) {
    if (!stream.ok()) {
      this->Finish(registry::ToGrpcStatus(stream.status()));
      return;
    }
    {
      MutexLock lock(&mutex_);
      stream_ = *std::move(stream);
    }
    GoOn();
  }

  void OnWriteDone(bool ok) override {
    {
      MutexLock lock(&mutex_);
      writing_ = false;
      ready_.pop_front();
      cancelled_ = cancelled_ || !ok;
    }
    GoOn();
  }

  void OnCancel() override {
    MutexLock lock(&mutex_);
    cancelled_ = true;
    alarm_.Cancel();
  }

  void OnDone() override { delete this; }

 private:
  static constexpr std::chrono::milliseconds kPollInterval{100};

  void GoOn() {
    std::optional<absl::Status> end;
    {
      MutexLock lock(&mutex_);
      end = Advance();
    }
    // Not under the lock: OnDone may delete this before Finish returns.
    if (end.has_value()) this->Finish(registry::ToGrpcStatus(*end));
  }

  // Writes, or polls, or sets the alarm for the next poll; or says how the call
  // ends.
  std::optional<absl::Status> Advance() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (writing_) return std::nullopt;
    if (cancelled_) return absl::CancelledError("the client went away");
    if (ready_.empty() && !stream_->done()) {
      auto messages = stream_->Poll();
      if (!messages.ok()) return messages.status();
      for (Message& message : *messages) ready_.push_back(std::move(message));
    }
    if (!ready_.empty()) {
      writing_ = true;
      this->StartWrite(&ready_.front());
      return std::nullopt;
    }
    if (stream_->done()) return absl::OkStatus();
    alarm_.Set(std::chrono::system_clock::now() + kPollInterval,
               [this](bool) { GoOn(); });
    return std::nullopt;
  }

  Mutex mutex_;
  std::unique_ptr<MessageStream<Message>> stream_ ABSL_GUARDED_BY(mutex_);
  std::deque<Message> ready_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::Alarm alarm_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_API_STREAM_REACTOR_H_
