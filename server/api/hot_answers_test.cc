#include "server/api/hot_answers.h"

#include <atomic>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace orrery::server {
namespace {

class HotAnswersTest : public ::testing::Test {
 protected:
  std::string Ask(const std::string& key, const std::string& answer,
                  const std::string& package = "") {
    return *answers_.FindOrMake(key, package, [&] {
      ++made_;
      return std::make_shared<const std::string>(answer);
    });
  }

  std::atomic<uint64_t> of_all_ = 1;
  std::atomic<uint64_t> of_kafka_ = 1;
  std::atomic<int> made_ = 0;
  HotAnswers<std::string> answers_{
      [this](absl::string_view package) {
        return (package == "kafka" ? of_kafka_ : of_all_).load();
      },
      10000};
};

TEST_F(HotAnswersTest, AnAnswerIsMadeOnceAChange) {
  EXPECT_EQ(answers_.Find("a"), nullptr);
  EXPECT_EQ(Ask("a", "one"), "one");
  EXPECT_EQ(Ask("a", "two"), "one");
  EXPECT_EQ(*answers_.Find("a"), "one");
  of_all_ = 2;
  EXPECT_EQ(answers_.Find("a"), nullptr);
  EXPECT_EQ(Ask("a", "two"), "two");
  EXPECT_EQ(made_, 2);
}

TEST_F(HotAnswersTest, AnAnswerOfAPackageStaysWhenOthersChange) {
  Ask("a", "of kafka", "kafka");
  Ask("b", "of all");
  of_all_ = 2;
  EXPECT_EQ(*answers_.Find("a"), "of kafka");
  EXPECT_EQ(answers_.Find("b"), nullptr);
  of_kafka_ = 2;
  EXPECT_EQ(answers_.Find("a"), nullptr);
}

TEST_F(HotAnswersTest, AnAnswerTakesThePlaceOfTheOneThatIsNotGoodAnyMore) {
  const std::string large(4000, 'x');
  Ask("b", large, "kafka");
  Ask("a", large);
  of_all_ = 2;
  Ask("a", large);
  EXPECT_NE(answers_.Find("a"), nullptr);
  EXPECT_NE(answers_.Find("b"), nullptr);
}

TEST_F(HotAnswersTest, WhatSawAChangeIsGivenButNotKept) {
  const auto answer = answers_.FindOrMake("a", "", [this] {
    of_all_ = 2;
    return std::make_shared<const std::string>("of 1 or of 2");
  });
  EXPECT_EQ(*answer, "of 1 or of 2");
  EXPECT_EQ(answers_.Find("a"), nullptr);
}

TEST_F(HotAnswersTest, NothingIsNotKept) {
  EXPECT_EQ(answers_.FindOrMake("a", "", [] { return nullptr; }), nullptr);
  EXPECT_EQ(Ask("a", "one"), "one");
}

TEST_F(HotAnswersTest, WhatWasNotUsedForLongGoesFirst) {
  const std::string large(4000, 'x');
  Ask("a", large);
  Ask("b", large);
  answers_.Find("a");
  Ask("c", large);
  EXPECT_NE(answers_.Find("a"), nullptr);
  EXPECT_EQ(answers_.Find("b"), nullptr);
  EXPECT_NE(answers_.Find("c"), nullptr);
  EXPECT_EQ(Ask("d", std::string(20000, 'x')).size(), 20000);
  EXPECT_EQ(answers_.Find("d"), nullptr);
}

TEST_F(HotAnswersTest, ManyWhoAskAtOnceShareOneAnswer) {
  std::promise<void> begun;
  std::promise<void> go_on;
  std::thread first([&] {
    answers_.FindOrMake("a", "", [&] {
      begun.set_value();
      go_on.get_future().wait();
      return std::make_shared<const std::string>("first");
    });
  });
  begun.get_future().wait();
  std::vector<std::future<std::string>> others;
  for (int i = 0; i < 8; ++i) {
    others.push_back(
        std::async(std::launch::async, [this] { return Ask("a", "other"); }));
  }
  // Another key does not wait.
  EXPECT_EQ(Ask("b", "b"), "b");
  go_on.set_value();
  first.join();
  for (auto& other : others) EXPECT_EQ(other.get(), "first");
  EXPECT_EQ(made_, 1);
}

}  // namespace
}  // namespace orrery::server
