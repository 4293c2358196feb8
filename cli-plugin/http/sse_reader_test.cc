#include "cli-plugin/http/sse_reader.h"

#include <ostream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::cli {

void PrintTo(const SseEvent& event, std::ostream* out) {
  *out << "{" << event.type << ": " << event.data << "}";
}

namespace {

struct Case {
  std::string name;
  std::string stream;
  std::vector<SseEvent> events;
};

class SseReaderTest : public ::testing::TestWithParam<Case> {};

TEST_P(SseReaderTest, ReadsTheEventsOfAWholeStream) {
  SseReader reader;
  EXPECT_EQ(reader.Add(GetParam().stream), GetParam().events);
}

TEST_P(SseReaderTest, ReadsTheSameByteByByte) {
  SseReader reader;
  std::vector<SseEvent> events;
  for (const char byte : GetParam().stream) {
    for (SseEvent& event : reader.Add(std::string(1, byte))) {
      events.push_back(std::move(event));
    }
  }
  EXPECT_EQ(events, GetParam().events);
}

INSTANTIATE_TEST_SUITE_P(
    Streams, SseReaderTest,
    ::testing::Values(
        Case{"OneEvent", "data: {}\n\n", {{"message", "{}"}}},
        Case{"TwoLinesOfData", "data: a\ndata: b\n\n", {{"message", "a\nb"}}},
        Case{"NamedEvent", "event: end\ndata: {}\n\n", {{"end", "{}"}}},
        Case{"NameIsForgotten",
             "event: end\ndata: 1\n\ndata: 2\n\n",
             {{"end", "1"}, {"message", "2"}}},
        Case{"EventWithoutData", "event: end\n\n", {{"end", ""}}},
        Case{"CommentsAndUnknownFields",
             ": heartbeat\nid: 7\nretry: 3\nnonsense\ndata: x\n\n",
             {{"message", "x"}}},
        Case{"OnlyAComment", ": heartbeat\n\n", {}},
        Case{"OnlyOneSpaceIsTakenOff", "data:  x\n\n", {{"message", " x"}}},
        Case{"NoSpace", "data:x\n\n", {{"message", "x"}}},
        Case{"CarriageReturns", "data: x\r\r", {{"message", "x"}}},
        Case{"BothLineEnds",
             "data: x\r\n\r\ndata: y\r\n\r\n",
             {{"message", "x"}, {"message", "y"}}},
        Case{"ByteOrderMark",
             "\xEF\xBB\xBF"
             "data: x\n\n",
             {{"message", "x"}}},
        Case{"DataWithoutColon", "data\n\n", {{"message", ""}}},
        Case{"UnfinishedEvent", "data: x\n", {}}),
    [](const auto& test) { return test.param.name; });

TEST(SseReaderLimitTest, EndlessLineIsGivenUp) {
  SseReader reader;
  const std::string megabyte(1 << 20, 'x');
  for (int i = 0; i < 17; ++i) reader.Add(megabyte);
  EXPECT_TRUE(reader.too_long());
  EXPECT_TRUE(reader.Add("\n\ndata: y\n\n").empty());
}

}  // namespace
}  // namespace orrery::cli
