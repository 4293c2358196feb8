#include "cli-plugin/curl_http_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// A loopback listener that takes one connection, reads one request and sends
// what it was given. Without bytes to send it stays silent until it goes.
class OneShotServer {
 public:
  explicit OneShotServer(std::string answer) : answer_(std::move(answer)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address));
    listen(listener_, 1);
    socklen_t size = sizeof(address);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }
  ~OneShotServer() {
    // Ends an accept that nobody has come for.
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }

  std::string url() const {
    return absl::StrCat("http://127.0.0.1:", port_, "/x");
  }
  // Call after the exchange.
  const std::string& request() {
    if (thread_.joinable()) thread_.join();
    thread_ = std::thread([] {});
    return request_;
  }

 private:
  bool IsComplete() const {
    const size_t end = request_.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    size_t length = 0;
    const size_t field = request_.find("Content-Length: ");
    if (field != std::string::npos) {
      length = std::strtoul(request_.c_str() + field + 16, nullptr, 10);
    }
    return request_.size() >= end + 4 + length;
  }

  void Serve() {
    const int peer = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (peer < 0) return;
    char buffer[4096];
    ssize_t count = 1;
    while (!IsComplete() && (count = read(peer, buffer, sizeof(buffer))) > 0) {
      request_.append(buffer, static_cast<size_t>(count));
    }
    if (!answer_.empty()) {
      [[maybe_unused]] const ssize_t sent =
          write(peer, answer_.data(), answer_.size());
    } else {
      while (read(peer, buffer, sizeof(buffer)) > 0) {
      }
    }
    close(peer);
  }

  std::string answer_;
  int listener_ = -1;
  int port_ = 0;
  std::string request_;
  std::thread thread_;
};

constexpr char kAnswer[] =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: Thu, 01 Jan "
    "2026 00:00:00 GMT\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";

class CurlHttpClientTest : public ::testing::Test {
 protected:
  Interrupts interrupts;
  CurlHttpClient client{&interrupts,
                        [](absl::string_view) { return std::string(); }};
};

TEST_F(CurlHttpClientTest, GetGivesStatusTypeDateAndBody) {
  OneShotServer server(kAnswer);
  HttpRequest request;
  request.url = server.url();
  const auto response = client.Send(request);
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->content_type, "application/json");
  EXPECT_EQ(response->date, "Thu, 01 Jan 2026 00:00:00 GMT");
  EXPECT_EQ(response->body, "{}");
  EXPECT_THAT(server.request(), StartsWith("GET /x HTTP/1.1\r\n"));
  EXPECT_THAT(server.request(), HasSubstr("User-Agent: orrery/"));
}

TEST_F(CurlHttpClientTest, PostSendsBodyAndHeadersWithoutExpecting) {
  OneShotServer server(kAnswer);
  HttpRequest request;
  request.method = "POST";
  request.url = server.url();
  request.headers = {{"Content-Type", "application/json"}};
  request.body = std::string(2000, 'x');
  ASSERT_THAT(client.Send(request), IsOk());
  EXPECT_THAT(server.request(), HasSubstr("Content-Type: application/json"));
  EXPECT_THAT(server.request(), HasSubstr("\r\n\r\n" + request.body));
  EXPECT_THAT(server.request(), Not(HasSubstr("Expect")));
}

TEST_F(CurlHttpClientTest, PutSendsTheFileWithItsLength) {
  const std::string path = std::string(::testing::TempDir()) + "/upload";
  std::ofstream(path) << "abc";
  OneShotServer server(kAnswer);
  HttpRequest request;
  request.method = "PUT";
  request.url = server.url();
  request.upload_path = path;
  ASSERT_THAT(client.Send(request), IsOk());
  EXPECT_THAT(server.request(), StartsWith("PUT /x HTTP/1.1\r\n"));
  EXPECT_THAT(server.request(), HasSubstr("Content-Length: 3\r\n"));
  EXPECT_THAT(server.request(), HasSubstr("\r\n\r\nabc"));
}

TEST_F(CurlHttpClientTest, HeadAndDeleteAreSentAsSuch) {
  for (const char* method : {"HEAD", "DELETE"}) {
    OneShotServer server(kAnswer);
    HttpRequest request;
    request.method = method;
    request.url = server.url();
    ASSERT_THAT(client.Send(request), IsOk());
    EXPECT_THAT(server.request(),
                StartsWith(absl::StrCat(method, " /x HTTP/1.1\r\n")));
  }
}

TEST_F(CurlHttpClientTest, StreamGoesToTheReaderWhichMayEndIt) {
  OneShotServer server(
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: x\n\n");
  HttpRequest request;
  request.url = server.url();
  std::string seen;
  request.on_body = [&](absl::string_view piece) {
    seen += std::string(piece);
    return !absl::StrContains(seen, "\n\n");
  };
  const auto response = client.Send(request);
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(seen, "data: x\n\n");
  EXPECT_EQ(response->body, "");
}

TEST_F(CurlHttpClientTest, ErrorBodyOfAStreamIsKept) {
  OneShotServer server("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}");
  HttpRequest request;
  request.url = server.url();
  request.on_body = [](absl::string_view) -> bool {
    ADD_FAILURE() << "the body of an error is no stream";
    return false;
  };
  const auto response = client.Send(request);
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->status, 404);
  EXPECT_EQ(response->body, "{}");
}

TEST_F(CurlHttpClientTest, RedirectIsNotFollowed) {
  OneShotServer server(
      "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n"
      "Content-Length: 0\r\n\r\n");
  HttpRequest request;
  request.url = server.url();
  const auto response = client.Send(request);
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->status, 302);
}

TEST_F(CurlHttpClientTest, ClosedPortIsConnectionRefused) {
  std::string url;
  {
    const OneShotServer gone(kAnswer);
    url = gone.url();
  }
  HttpRequest request;
  request.url = url;
  EXPECT_THAT(client.Send(request),
              StatusIs(absl::StatusCode::kUnavailable, "connection refused"));
}

TEST_F(CurlHttpClientTest, SilentServerRunsIntoTheDeadline) {
  OneShotServer server("");
  HttpRequest request;
  request.url = server.url();
  request.timeout = absl::Milliseconds(50);
  EXPECT_THAT(client.Send(request),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
}

TEST_F(CurlHttpClientTest, OtherProtocolsAreRefused) {
  HttpRequest request;
  request.url = "file:///etc/passwd";
  EXPECT_THAT(client.Send(request), StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace orrery::cli
