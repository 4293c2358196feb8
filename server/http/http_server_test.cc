#include "server/http/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <future>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "third_party/absl/mutex.h"

namespace orrery::server {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// More than the kernel keeps for a client that does not read.
constexpr size_t kHugeBytes = 100 << 20;

// Sends "one" and "two", then nothing until it is interrupted.
class TwoEvents : public EventSource {
 public:
  std::string Poll() override {
    if (sent_ == 2) return "";
    return sent_++ == 0 ? "data: one\n\n" : "data: two\n\n";
  }
  bool done() const override { return done_; }
  std::string Interrupt() override {
    done_ = true;
    return "event: error\ndata: {}\n\n";
  }

 private:
  int sent_ = 0;
  bool done_ = false;
};

// Answers "METHOD path body"; what it does otherwise is named by the path.
class EchoHandler : public HttpHandler {
 public:
  explicit EchoHandler(std::string file) : file_(std::move(file)) {}

  Admission Admit(HttpRequest& request) override {
    Admission admission;
    admission.route = "echo";
    admission.lane = Lane::kRead;
    admission.max_body_bytes = 100000;
    admission.read_body = request.path != "/refuse";
    if (request.path == "/upload") {
      admission.max_body_bytes = 1 << 30;
      admission.take_body = [this](absl::string_view piece) {
        uploaded_ += piece.size();
        return uploaded_ < 300000;
      };
    }
    admission.handle = [this](const HttpRequest& complete) {
      return Answer(complete);
    };
    return admission;
  }

  HttpResponse Reject(int status, absl::string_view detail,
                      HttpRequest&) override {
    return HttpResponse::Text(status, "text/plain", std::string(detail));
  }

  void Finished(const HttpRequest&, const ExchangeRecord& record) override {
    MutexLock lock(&mutex_);
    bytes_ = record.bytes;
  }

  void Warn(absl::string_view) override { ++warnings_; }
  int warnings() const { return warnings_; }

  // Of the body that was sent last.
  uint64_t bytes() {
    MutexLock lock(&mutex_);
    return bytes_;
  }
  std::promise<void> blocked;
  std::promise<void> unblock;

 private:
  HttpResponse Answer(const HttpRequest& request) {
    HttpResponse response = HttpResponse::Text(
        200, "text/plain",
        absl::StrCat(request.method, " ", request.path, " ", request.query, "|",
                     request.body, "|", request.fields.Get("Host")));
    if (request.path == "/large") {
      response.body =
          std::make_shared<const std::string>(std::string(3000000, 'x'));
    } else if (request.path == "/huge") {
      response.body =
          std::make_shared<const std::string>(std::string(kHugeBytes, 'x'));
    } else if (request.path == "/file") {
      response.body = nullptr;
      auto owner = std::shared_ptr<FILE>(fopen(file_.c_str(), "rb"), fclose);
      response.file = FileSlice{fileno(owner.get()), owner, 2, 5};
    } else if (request.path == "/events") {
      response.body = nullptr;
      response.events = std::make_unique<TwoEvents>();
    } else if (request.path == "/block") {
      blocked.set_value();
      unblock.get_future().wait();
    } else if (request.path == "/split") {
      response.fields.Add("X-Bad", "a\r\nX-Forged: 1");
    }
    return response;
  }

  std::string file_;
  std::atomic<size_t> uploaded_ = 0;
  std::atomic<int> warnings_ = 0;
  Mutex mutex_;
  uint64_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

class Client {
 public:
  explicit Client(uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    // Nothing a test waits for takes longer than its own time-outs.
    const timeval limit{.tv_sec = 20, .tv_usec = 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(socket_, reinterpret_cast<sockaddr*>(&address),
                      sizeof(address)),
              0);
  }
  ~Client() { close(socket_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // False when the server has closed.
  bool Send(absl::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent =
          send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }

  // Everything up to the end of the connection.
  std::string ReadAll() {
    while (ReadSome()) {
    }
    return std::exchange(received_, "");
  }

  // Up to and with `end`, or all there is.
  std::string ReadUntil(absl::string_view end) {
    size_t found = received_.find(end.data(), 0, end.size());
    while (found == std::string::npos && ReadSome()) {
      found = received_.find(end.data(), 0, end.size());
    }
    const size_t size =
        found == std::string::npos ? received_.size() : found + end.size();
    const std::string result = received_.substr(0, size);
    received_.erase(0, size);
    return result;
  }

 private:
  bool ReadSome() {
    char buffer[65536];
    const ssize_t got = recv(socket_, buffer, sizeof(buffer), 0);
    if (got <= 0) return false;
    received_.append(buffer, static_cast<size_t>(got));
    return true;
  }

  int socket_;
  std::string received_;
};

class HttpServerTest : public ::testing::Test {
 protected:
  HttpServerTest() {
    options_.threads = 2;
    options_.sweep_interval = absl::Milliseconds(5);
    options_.event_interval = absl::Milliseconds(1);
    std::ofstream(file_) << "0123456789";
  }

  Client Connect() {
    if (server_ == nullptr) {
      auto server = HttpServer::Start(options_, &handler_);
      EXPECT_TRUE(server.ok()) << server.status();
      server_ = *std::move(server);
    }
    return Client(server_->address().port);
  }

  // The answer to a request that closes the connection.
  std::string Exchange(const std::string& request) {
    Client client = Connect();
    client.Send(request);
    return client.ReadAll();
  }

  std::string file_ = ::testing::TempDir() + "/http_server_test_file";
  HttpServerOptions options_;
  EchoHandler handler_{file_};
  std::unique_ptr<HttpServer> server_;
};

std::string Get(const std::string& path) {
  return absl::StrCat("GET ", path, " HTTP/1.1\r\nHost: h\r\n\r\n");
}

std::string LastGet(const std::string& path) {
  return absl::StrCat("GET ", path,
                      " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
}

TEST_F(HttpServerTest, AnswersAndSaysThatItCloses) {
  const std::string answer = Exchange(LastGet("/a?b=c"));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\nDate: "));
  EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 13\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\nGET /a b=c||h"));
}

TEST_F(HttpServerTest, PipelinedRequestsAreAnsweredInOrder) {
  std::string requests;
  for (int i = 0; i < 50; ++i) requests += Get(absl::StrCat("/", i)) + "\r\n";
  Client client = Connect();
  ASSERT_TRUE(client.Send(requests + LastGet("/last")));
  for (int i = 0; i < 50; ++i) {
    EXPECT_THAT(client.ReadUntil("||h"),
                EndsWith(absl::StrCat("GET /", i, " ||h")));
  }
  EXPECT_THAT(client.ReadAll(), EndsWith("GET /last ||h"));
}

TEST_F(HttpServerTest, OneByteAtATimeIsTheSameRequest) {
  Client client = Connect();
  for (const char byte : LastGet("/slow")) {
    ASSERT_TRUE(client.Send(absl::string_view(&byte, 1)));
  }
  EXPECT_THAT(client.ReadAll(), EndsWith("GET /slow ||h"));
}

TEST_F(HttpServerTest, HeadHasTheLengthAndNoBody) {
  Client client = Connect();
  client.Send("HEAD /large HTTP/1.1\r\nHost: h\r\n\r\n" + LastGet("/next"));
  const std::string head = client.ReadUntil("\r\n\r\n");
  EXPECT_THAT(head, HasSubstr("Content-Length: 3000000\r\n"));
  EXPECT_THAT(client.ReadAll(), EndsWith("GET /next ||h"));
}

TEST_F(HttpServerTest, BodiesByLengthAndInChunks) {
  Client client = Connect();
  client.Send("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_THAT(client.ReadUntil("hello|h"), EndsWith("POST /p |hello|h"));
  client.Send(
      "POST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n");
  EXPECT_THAT(client.ReadUntil("abcde|h"), EndsWith("POST /p |abcde|h"));
}

TEST_F(HttpServerTest, BodiesTogetherTakeNoMoreThanIsAllowed) {
  options_.max_held_body_bytes = 150000;
  const std::string head =
      "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 40000\r\n\r\n";
  Client first = Connect();
  ASSERT_TRUE(first.Send(head + std::string(30000, 'x')));
  // It is held once the second one no longer fits.
  std::string answer;
  while (!absl::StartsWith(answer, "HTTP/1.1 503")) {
    Client second = Connect();
    second.Send(head + std::string(40000, 'y'));
    answer = second.ReadUntil("\r\n\r\n");
  }
  EXPECT_THAT(answer, HasSubstr("Connection: close"));
  EXPECT_THAT(Exchange(LastGet("/read")), EndsWith("GET /read ||h"));

  // What the first one has is given back when it is answered.
  ASSERT_TRUE(first.Send(std::string(10000, 'x')));
  EXPECT_THAT(first.ReadUntil("x|h"), StartsWith("HTTP/1.1 200 OK"));
  Client third = Connect();
  third.Send(head + std::string(40000, 'z'));
  EXPECT_THAT(third.ReadUntil("z|h"), StartsWith("HTTP/1.1 200 OK"));
}

TEST_F(HttpServerTest, MalformedRequestsGet400AndTheNextClientIsServed) {
  const char* const malformed[] = {
      "\x16\x03\x01\x02",
      "GET\r\n\r\n",
      "GET / HTTP/1.1 \r\n\r\n",
      "GET / FTP/1.1\r\n\r\n",
      "GET / HTTP/2.0\r\nHost: h\r\n\r\n",
      "GET  / HTTP/1.1\r\n\r\n",
      "GET /a b HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\nHost h\r\n\r\n",
      "GET / HTTP/1.1\r\n Host: h\r\n\r\n",
      "GET / HTTP/1.1\r\nHost : h\r\n\r\n",
      "GET / HTTP/1.1\r\nHo\x01st: h\r\n\r\n",
      "GET nothing HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET /\xc3\xa9 HTTP/1.1\r\nHost: h\r\n\r\n",
      "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
      "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
      "POST / HTTP/1.1\r\nContent-Length: 1\r\n"
      "Transfer-Encoding: chunked\r\n\r\n",
      "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
      "fffffffffffffffff\r\n"};
  for (const char* request : malformed) {
    EXPECT_THAT(Exchange(request), StartsWith("HTTP/1.1 400 ")) << request;
  }
  EXPECT_THAT(Exchange(LastGet("/")), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpServerTest, NothingIsTakenForARequestBehindAnAmbiguousOne) {
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  const std::string length = "Content-Length: 5\r\n";
  const std::string end = "0\r\n\r\n";
  const std::string ambiguous[] = {
      // One length, or a length and a coding, said twice (RFC 9112 §6.3).
      length + length + "\r\nabcde",
      length + chunked + "\r\n" + end,
      chunked + length + "\r\n" + end,
      chunked + chunked + "\r\n" + end,
      "Transfer-Encoding: \r\n" + chunked + "\r\n" + end,
      chunked + "Transfer-Encoding: identity\r\n\r\n" + end,
      // Lengths that others may read otherwise (RFC 9110 §8.6).
      "Content-Length: +5\r\n\r\nabcde",
      "Content-Length: 0x5\r\n\r\nabcde",
      "Content-Length: 5, 6\r\n\r\nabcde",
      "Content-Length: \r\n\r\nabcde",
      "Content-Length: 5 5\r\n\r\nabcde",
      "Content-Length: 18446744073709551621\r\n\r\nabcde",
      // Codings spelled so that one of two does not see them (§6.1, §5.1).
      "Transfer-Encoding : chunked\r\n\r\n" + end,
      "Transfer-Encoding: \x0b"
      "chunked\r\n\r\n" +
          end,
      "Content-Length\t: 5\r\n\r\nabcde",
      "X: a\nTransfer-Encoding: chunked\r\n\r\n" + end,
      "X: a\rContent-Length: 5\r\n\r\nabcde",
      // Chunks (§7.1).
      chunked + "\r\n0x5\r\nabcde\r\n" + end,
      chunked + "\r\n-5\r\nabcde\r\n" + end,
      chunked + "\r\n5 \r\nabcde\r\n" + end,
      chunked + "\r\n5\nabcde\n0\n\n",
      chunked + "\r\n5\r\nabcde" + end,
      chunked + "\r\n5;a\nb\r\nabcde\r\n" + end,
      chunked + "\r\n10000000000000005\r\nabcde\r\n" + end,
  };
  for (const std::string& rest : ambiguous) {
    const std::string answer = Exchange(
        absl::StrCat("POST /p HTTP/1.1\r\nHost: h\r\n", rest, Get("/second")));
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 400 ")) << rest;
    EXPECT_THAT(answer, Not(HasSubstr("GET /second"))) << rest;
  }
  EXPECT_THAT(Exchange("POST /p HTTP/1.0\r\nHost: h\r\n" + chunked + "\r\n" +
                       end + Get("/second")),
              StartsWith("HTTP/1.1 400 "));
}

TEST_F(HttpServerTest, TrailersAndExtensionsAreReadAndDropped) {
  Client client = Connect();
  client.Send(
      "POST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3;name=\"a b\"\r\nabc\r\n0\r\nHost: other\r\nX: y\r\n\r\n" +
      LastGet("/next"));
  EXPECT_THAT(client.ReadUntil("abc|h"), EndsWith("POST /p |abc|h"));
  EXPECT_THAT(client.ReadAll(), EndsWith("GET /next ||h"));
}

TEST_F(HttpServerTest, TrailersWithoutEndAreRefused) {
  std::string trailers;
  for (int i = 0; i < 20000; ++i) trailers += "X: y\r\n";
  EXPECT_THAT(Exchange("POST /p HTTP/1.1\r\nHost: h\r\n"
                       "Transfer-Encoding: chunked\r\n\r\n0\r\n" +
                       trailers),
              StartsWith("HTTP/1.1 4"));
}

TEST_F(HttpServerTest, ThoseWhoWaitLongestMakeRoomForOthers) {
  options_.max_connections = 20;
  std::vector<std::unique_ptr<Client>> idle;
  for (int i = 0; i < 40; ++i) {
    Connect();
    idle.push_back(std::make_unique<Client>(server_->address().port));
  }
  EXPECT_THAT(Exchange(LastGet("/")), EndsWith("GET / ||h"));
  EXPECT_EQ(idle.front()->ReadAll(), "");
  EXPECT_EQ(handler_.warnings(), 1);
}

TEST_F(HttpServerTest, UnknownTransferCodingsAreNamed) {
  for (const char* coding : {"gzip", "identity", "gzip, chunked",
                             "chunked, gzip", "chunked, chunked", "xchunked"}) {
    EXPECT_THAT(Exchange(absl::StrCat("POST / HTTP/1.1\r\nTransfer-Encoding: ",
                                      coding, "\r\n\r\n0\r\n\r\n")),
                StartsWith("HTTP/1.1 501 "))
        << coding;
  }
}

TEST_F(HttpServerTest, ALargeHeadIs431) {
  EXPECT_THAT(
      Exchange("GET / HTTP/1.1\r\nX: " + std::string(20000, 'a') + "\r\n\r\n"),
      StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(Exchange("GET /" + std::string(20000, 'a')),
              StartsWith("HTTP/1.1 431 "));
}

TEST_F(HttpServerTest, ALargeBodyIs413HoweverItIsFramed) {
  EXPECT_THAT(Exchange("POST / HTTP/1.1\r\nContent-Length: 100001\r\n\r\n"),
              StartsWith("HTTP/1.1 413 "));
  const std::string chunk = "10000\r\n" + std::string(0x10000, 'a') + "\r\n";
  EXPECT_THAT(Exchange("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" +
                       chunk + chunk + "0\r\n\r\n"),
              StartsWith("HTTP/1.1 413 "));
}

TEST_F(HttpServerTest, ARefusedRequestIsAnsweredBeforeItsBody) {
  Client client = Connect();
  client.Send("POST /refuse HTTP/1.1\r\nHost: h\r\nContent-Length: 50\r\n\r\n");
  const std::string answer = client.ReadAll();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
}

TEST_F(HttpServerTest, UploadsGoPieceByPieceUntilTheyAreUnwanted) {
  EXPECT_THAT(Exchange("PUT /upload HTTP/1.1\r\nHost: h\r\nConnection: close"
                       "\r\nContent-Length: 200000\r\n\r\n" +
                       std::string(200000, 'u')),
              EndsWith("PUT /upload ||h"));
  const std::string answer = Exchange(
      "PUT /upload HTTP/1.1\r\nHost: h\r\nContent-Length: 200000"
      "\r\n\r\n" +
      std::string(200000, 'u'));
  EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
}

TEST_F(HttpServerTest, WaitingClientsAreToldToContinue) {
  Client client = Connect();
  client.Send(
      "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
      "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.ReadUntil("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.Send("ok");
  EXPECT_THAT(client.ReadAll(), EndsWith("POST / |ok|h"));
}

TEST_F(HttpServerTest, SlowHeadsAndBodiesGet408) {
  options_.header_timeout = absl::Milliseconds(30);
  options_.body_timeout = absl::Milliseconds(30);
  EXPECT_THAT(Exchange("GET / HTTP/1.1\r\nHost"), StartsWith("HTTP/1.1 408 "));
  EXPECT_THAT(Exchange("POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nab"),
              StartsWith("HTTP/1.1 408 "));
}

TEST_F(HttpServerTest, IdleConnectionsEndWithoutAWord) {
  options_.idle_timeout = absl::Milliseconds(30);
  EXPECT_EQ(Exchange(""), "");
}

TEST_F(HttpServerTest, AClientThatTakesNothingIsCut) {
  options_.write_timeout = absl::Milliseconds(30);
  Client client = Connect();
  client.Send(Get("/huge"));
  // The server goes on with others while the first never reads.
  EXPECT_THAT(Exchange(LastGet("/other")), EndsWith("GET /other ||h"));
  server_->Drain(absl::Seconds(20));
  EXPECT_LT(handler_.bytes(), kHugeBytes);
}

TEST_F(HttpServerTest, OldClientsAreServedOnce) {
  const std::string answer = Exchange("GET /old HTTP/1.0\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(answer, EndsWith("GET /old ||"));
}

TEST_F(HttpServerTest, TheAuthorityOfAnAbsoluteTargetIsTheHost) {
  EXPECT_THAT(Exchange("GET http://other:1/x?y HTTP/1.1\r\nHost: h\r\n"
                       "Connection: close\r\n\r\n"),
              EndsWith("GET /x y||other:1"));
}

TEST_F(HttpServerTest, FilesAreSentFromTheirOffset) {
  const std::string answer = Exchange(LastGet("/file"));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 5\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n23456"));
}

TEST_F(HttpServerTest, AFieldCannotAddAnother) {
  EXPECT_THAT(Exchange(LastGet("/split")), Not(HasSubstr("\r\nX-Forged")));
}

TEST_F(HttpServerTest, LargeAnswersArriveWhole) {
  const std::string answer = Exchange(LastGet("/large"));
  EXPECT_EQ(answer.size() - answer.find("\r\n\r\n") - 4, 3000000U);
}

TEST_F(HttpServerTest, EventsComeInChunksWithHeartbeats) {
  options_.heartbeat_interval = absl::Milliseconds(5);
  Client client = Connect();
  client.Send(Get("/events"));
  const std::string head = client.ReadUntil("\r\n\r\n");
  EXPECT_THAT(head, HasSubstr("Transfer-Encoding: chunked\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("Content-Length")));
  EXPECT_EQ(client.ReadUntil("\n\n\r\n"), "b\r\ndata: one\n\n\r\n");
  EXPECT_EQ(client.ReadUntil("\n\n\r\n"), "b\r\ndata: two\n\n\r\n");
  EXPECT_EQ(client.ReadUntil("\n\n\r\n"), "d\r\n: heartbeat\n\n\r\n");
}

TEST_F(HttpServerTest, DrainEndsStreamsAndIdleConnections) {
  Client idle = Connect();
  Client stream = Connect();
  stream.Send(Get("/events"));
  stream.ReadUntil("data: two\n\n");
  server_->Drain(absl::Seconds(20));
  EXPECT_EQ(idle.ReadAll(), "");
  EXPECT_THAT(stream.ReadAll(),
              EndsWith("event: error\ndata: {}\n\n\r\n0\r\n\r\n"));
}

TEST_F(HttpServerTest, DrainLetsWorkFinishThatHasBegun) {
  Client client = Connect();
  client.Send(Get("/block"));
  handler_.blocked.get_future().wait();
  std::thread drain([this] { server_->Drain(absl::Seconds(20)); });
  handler_.unblock.set_value();
  const std::string answer = client.ReadAll();
  drain.join();
  EXPECT_THAT(answer, EndsWith("GET /block ||h"));
}

TEST_F(HttpServerTest, MoreWorkThanWorkersIs503) {
  options_.read_workers = 1;
  options_.max_queued = 0;
  EXPECT_THAT(Exchange(LastGet("/")), StartsWith("HTTP/1.1 503 "));
}

TEST_F(HttpServerTest, ATakenPortIsNamed) {
  Connect();
  HttpServerOptions second = options_;
  second.address.port = server_->address().port;
  const auto result = HttpServer::Start(second, &handler_);
  EXPECT_EQ(result.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(result.status().message()),
              HasSubstr(absl::StrCat("127.0.0.1:", second.address.port)));
}

}  // namespace
}  // namespace orrery::server
