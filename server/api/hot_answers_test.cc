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
  std::string Ask(const std::string& key, const std::string& answer) {
    return *answers_.FindOrMake(key, [&] {
      ++made_;
      return std::make_shared<const std::string>(answer);
    });
  }

  std::atomic<uint64_t> generation_ = 1;
  std::atomic<int> made_ = 0;
  HotAnswers<std::string> answers_{[this] { return generation_.load(); },
                                   10000};
};

TEST_F(HotAnswersTest, AnAnswerIsMadeOnceASnapshot) {
  EXPECT_EQ(answers_.Find("a"), nullptr);
  EXPECT_EQ(Ask("a", "one"), "one");
  EXPECT_EQ(Ask("a", "two"), "one");
  EXPECT_EQ(*answers_.Find("a"), "one");
  generation_ = 2;
  EXPECT_EQ(answers_.Find("a"), nullptr);
  EXPECT_EQ(Ask("a", "two"), "two");
  EXPECT_EQ(made_, 2);
}

TEST_F(HotAnswersTest, WhatSawASnapshotEndIsGivenButNotKept) {
  const auto answer = answers_.FindOrMake("a", [this] {
    generation_ = 2;
    return std::make_shared<const std::string>("of 1 or of 2");
  });
  EXPECT_EQ(*answer, "of 1 or of 2");
  EXPECT_EQ(answers_.Find("a"), nullptr);
}

TEST_F(HotAnswersTest, NothingIsNotKept) {
  EXPECT_EQ(answers_.FindOrMake("a", [] { return nullptr; }), nullptr);
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
    answers_.FindOrMake("a", [&] {
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
