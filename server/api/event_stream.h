// Streams of messages as server-sent events (HTML standard, §9.2): one event a
// message with its number as `id` and its JSON as data, and at the end `event:
// end`, or `event: error` with a problem document.

#ifndef SERVER_API_EVENT_STREAM_H_
#define SERVER_API_EVENT_STREAM_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "catalog/api/message_stream.h"
#include "server/api/message_json.h"
#include "server/http/http_message.h"

namespace orrery::server {

// One event. Line breaks of `data`, which in JSON are white space, become
// lines of their own. `event` and `id` are left out when empty.
std::string FormatEvent(absl::string_view event, absl::string_view id,
                        absl::string_view data);

// A MessageStream whose messages are JSON text already. As there, one thread at
// a time.
class DocumentStream {
 public:
  virtual ~DocumentStream() = default;
  virtual absl::StatusOr<std::vector<std::string>> Poll() = 0;
  virtual bool done() const = 0;
};

template <typename Message>
class MessageDocuments : public DocumentStream {
 public:
  explicit MessageDocuments(
      std::unique_ptr<catalog::MessageStream<Message>> messages)
      : messages_(std::move(messages)) {}

  absl::StatusOr<std::vector<std::string>> Poll() override {
    const absl::StatusOr<std::vector<Message>> messages = messages_->Poll();
    if (!messages.ok()) return messages.status();
    std::vector<std::string> documents;
    for (const Message& message : *messages) {
      documents.push_back(MessageJson(message));
    }
    return documents;
  }
  bool done() const override { return messages_->done(); }

 private:
  std::unique_ptr<catalog::MessageStream<Message>> messages_;
};

class DocumentEvents : public EventSource {
 public:
  // `instance` and `request_id` go into the problem document of a failure.
  DocumentEvents(std::unique_ptr<DocumentStream> documents,
                 std::string instance, std::string request_id);

  std::string Poll() override;
  bool done() const override { return done_; }
  std::string Interrupt() override;

 private:
  std::string ErrorEvent(const absl::Status& status);

  std::unique_ptr<DocumentStream> documents_;
  std::string instance_;
  std::string request_id_;
  int64_t next_id_ = 1;
  bool done_ = false;
};

// 200 with text/event-stream.
HttpResponse EventResponse(std::unique_ptr<EventSource> events);

}  // namespace orrery::server

#endif  // SERVER_API_EVENT_STREAM_H_
