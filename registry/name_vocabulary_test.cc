#include "registry/name_vocabulary.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(NameVocabularyTest, OneErrorOfEachKindIsFound) {
  NameVocabulary vocabulary;
  for (const char* name : {"kafka", "kafka-manager", "hdfs", "etcd"}) {
    vocabulary.Add(name);
  }
  for (const char* word :
       {"kafk", "afka", "kafkaa", "xkafka", "kafxa", "kakfa", "KAFK"}) {
    EXPECT_THAT(vocabulary.OneErrorAway(word), ElementsAre("kafka")) << word;
  }
  for (const char* word : {"kafka", "kfak", "ka", "", "kafkaxx"}) {
    EXPECT_THAT(vocabulary.OneErrorAway(word), IsEmpty()) << word;
  }
}

TEST(NameVocabularyTest, RemovedNameIsNotFound) {
  NameVocabulary vocabulary;
  vocabulary.Add("kafka");
  vocabulary.Add("kafks");
  vocabulary.Add("kafka");
  vocabulary.Remove("kafka");
  vocabulary.Remove("never-added");
  EXPECT_THAT(vocabulary.OneErrorAway("kafk"), ElementsAre("kafks"));
}

}  // namespace
}  // namespace orrery::registry
