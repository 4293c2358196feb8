#include "signing/log/checkpoint.h"

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "signing/example_testing.h"
#include "signing/log/cosignature.h"
#include "signing/refusal_matchers.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::signing {
namespace {

using ::testing::ElementsAre;

constexpr char kTimestamper[] = "registry.example/timestamper";
constexpr uint64_t kTime = 1'795'347'603;

Ed25519PrivateKey Key(absl::string_view name) {
  return *Ed25519PrivateKey::FromSeed(
      Digest::Of(absl::StrCat("orrery example key: ", name)).bytes());
}

Vkey LogKey() {
  return Vkey::Of(kExampleOrigin, Vkey::kEd25519, Key("log").public_key());
}
Vkey Cosigner(absl::string_view name) {
  return Vkey::Of(name, Vkey::kCosignature, Key(name).public_key());
}
Vkey Timestamper() {
  return Vkey::Of(kTimestamper, Vkey::kCosignature,
                  Key("timestamper").public_key());
}

absl::StatusOr<SignedCheckpoint> Open(const std::string& bytes) {
  return OpenCheckpoint(bytes, std::vector{LogKey()},
                        std::vector{Timestamper(), Cosigner("w")});
}

// The note of checkpoint 8, to be changed.
Note Example() { return *ParseNote(ExampleFile("checkpoint-8")); }

absl::StatusOr<SignedCheckpoint> Open(const Note& note) {
  return Open(FormatNote(note));
}

TEST(CheckpointTest, TextIsReadAndWrittenBack) {
  const std::string text = Example().text;
  const auto checkpoint = ParseCheckpoint(text);
  ASSERT_THAT(checkpoint, IsOk());
  EXPECT_EQ(checkpoint->origin, kExampleOrigin);
  EXPECT_EQ(checkpoint->size, 8);
  EXPECT_EQ(checkpoint->root.Hex(),
            "20e6bac6004bf9fb056df03e0619559142916db44af0aae5bc3489e7e54cb9ad");
  EXPECT_EQ(FormatCheckpoint(*checkpoint), text);
}

TEST(CheckpointTest, OtherTextIsRefused) {
  const std::string root = "IOa6xgBL+fsFbfA+BhlVkUKRbbRK8KrlvDSJ5+VMua0=";
  for (const std::string& text : {
           std::string(),
           std::string("o\n"),
           std::string("o\n8\n"),
           "o\n8\n" + root,
           "\n8\n" + root + "\n",
           "o\n\n" + root + "\n",
           "o\n08\n" + root + "\n",
           "o\n+8\n" + root + "\n",
           "o\n-8\n" + root + "\n",
           "o\n8 \n" + root + "\n",
           "o\n9223372036854775808\n" + root + "\n",
           "o\n8\n" + root + "\nextension\n",
           "o\n8\n" + root + "\n\n",
           "o\n8\n" + root.substr(0, 40) + "\n",
           "o\n8\n" + root + "AAAA\n",
           std::string("o\n8\nIOa6xgBL+fsFbfA+BhlVkUKRbbRK8KrlvDSJ5+VMua1=\n"),
       }) {
    EXPECT_THAT(ParseCheckpoint(text), Refused(RefusalCode::kLogSyntax))
        << text;
  }
}

TEST(CheckpointTest, TheExamplesOpen) {
  const auto eight = Open(ExampleFile("checkpoint-8"));
  ASSERT_THAT(eight, IsOk());
  EXPECT_EQ(eight->checkpoint.size, 8);
  EXPECT_THAT(eight->cosigner_times, ElementsAre(kTime, std::nullopt));
  const auto eleven = Open(ExampleFile("checkpoint-11"));
  ASSERT_THAT(eleven, IsOk());
  EXPECT_EQ(eleven->checkpoint.size, 11);
  EXPECT_THAT(eleven->cosigner_times, ElementsAre(1'795'351'203, std::nullopt));
}

TEST(CheckpointTest, TheCosignatureIsThatOfTheExample) {
  const Note note = Example();
  EXPECT_THAT(CosignNote(note.text, kTime, kTimestamper, Key("timestamper")),
              IsOkAndHolds(note.signatures[1]));
}

TEST(CheckpointTest, AnotherSizeOrRootIsNotSigned) {
  for (const char* text : {"registry.example/main\n9\n"
                           "IOa6xgBL+fsFbfA+BhlVkUKRbbRK8KrlvDSJ5+VMua0=\n",
                           "registry.example/main\n8\n"
                           "JOa6xgBL+fsFbfA+BhlVkUKRbbRK8KrlvDSJ5+VMua0=\n"}) {
    Note note = Example();
    note.text = text;
    EXPECT_THAT(Open(note), Refused(RefusalCode::kLogSignature));
  }
}

TEST(CheckpointTest, AnotherOriginIsRefusedWhoeverSigned) {
  Note note = Example();
  note.text = absl::StrCat("other.example/x", note.text.substr(21));
  note.signatures = {*SignNote(note.text, "other.example/x", Key("log"))};
  EXPECT_THAT(Open(note), Refused(RefusalCode::kLogOrigin));
  note.signatures = {*SignNote(note.text, kExampleOrigin, Key("log"))};
  EXPECT_THAT(Open(note), Refused(RefusalCode::kLogOrigin));
}

TEST(CheckpointTest, ExtensionLinesAreRefusedThoughSigned) {
  Note note = Example();
  note.text += "extension\n";
  note.signatures = {*SignNote(note.text, kExampleOrigin, Key("log"))};
  EXPECT_THAT(Open(note), Refused(RefusalCode::kLogSyntax));
}

TEST(CheckpointTest, WithoutTheLogKeyItIsNotSigned) {
  Note note = Example();
  note.signatures.erase(note.signatures.begin());
  EXPECT_THAT(Open(note), Refused(RefusalCode::kLogSignature));
  // A stranger who takes the log's name has another id.
  note.signatures.push_back(*SignNote(note.text, kExampleOrigin, Key("x")));
  EXPECT_THAT(Open(note), Refused(RefusalCode::kLogSignature));
}

TEST(CheckpointTest, AWrongLogSignatureRefusesTheNoteNextToAGoodOne) {
  Note note = Example();
  NoteSignature wrong = note.signatures[0];
  wrong.bytes.back() = static_cast<char>(wrong.bytes.back() ^ 1);
  note.signatures.push_back(wrong);
  EXPECT_THAT(Open(note), Refused(RefusalCode::kLogSignature));
  note.signatures.back().bytes = "short";
  EXPECT_THAT(Open(note), Refused(RefusalCode::kLogSignature));
}

TEST(CheckpointTest, AChangedTimeIsNoCosignature) {
  Note note = Example();
  note.signatures[1].bytes[7] ^= 1;
  EXPECT_THAT(Open(note), Refused(RefusalCode::kLogQuorum));
  note = Example();
  note.signatures[1].bytes.pop_back();
  EXPECT_THAT(Open(note), Refused(RefusalCode::kLogQuorum));
}

TEST(CheckpointTest, AWrongCosignatureRefusesTheNoteNextToAGoodOne) {
  Note note = Example();
  NoteSignature wrong = note.signatures[1];
  wrong.bytes.back() = static_cast<char>(wrong.bytes.back() ^ 1);
  note.signatures.push_back(wrong);
  EXPECT_THAT(Open(note), Refused(RefusalCode::kLogQuorum));
}

TEST(CheckpointTest, TheLogIsJudgedBeforeItsCosigners) {
  Note note = Example();
  note.signatures[0].bytes[0] ^= 1;
  note.signatures[1].bytes[8] ^= 1;
  EXPECT_THAT(Open(note), Refused(RefusalCode::kLogSignature));
}

TEST(CheckpointTest, TheNewestTimeOfACosignerCounts) {
  Note note = Example();
  for (const uint64_t time : {kTime + 9, kTime + 2}) {
    note.signatures.push_back(
        *CosignNote(note.text, time, kTimestamper, Key("timestamper")));
  }
  const auto opened = Open(note);
  ASSERT_THAT(opened, IsOk());
  EXPECT_THAT(opened->cosigner_times, ElementsAre(kTime + 9, std::nullopt));
}

TEST(CheckpointTest, LinesOfStrangersAreIgnored) {
  Note note = Example();
  for (int i = 0; i < 16; ++i) {
    note.signatures.insert(note.signatures.begin(),
                           {absl::StrCat("stranger", i), 7, "anything"});
  }
  note.signatures.push_back({"post-quantum", 9, std::string(5000, 'q')});
  EXPECT_THAT(Open(note), IsOk());
}

TEST(CheckpointTest, AWitnessOfAnotherTypeIsAbsent) {
  // Signed as a log would, by a key whose type has no times.
  const Vkey witness = Vkey::Of("w", Vkey::kEd25519, Key("w").public_key());
  Note note = Example();
  note.signatures.push_back(*SignNote(note.text, "w", Key("w")));
  const auto opened = OpenCheckpoint(FormatNote(note), std::vector{LogKey()},
                                     std::vector{witness});
  ASSERT_THAT(opened, IsOk());
  EXPECT_THAT(opened->cosigner_times, ElementsAre(std::nullopt));
}

TEST(CheckpointTest, TheKeyOfAnotherLogDoesNotSignForThisOne) {
  const Vkey other =
      Vkey::Of("other.example/x", Vkey::kEd25519, Key("x").public_key());
  Note note = Example();
  note.signatures = {*SignNote(note.text, "other.example/x", Key("x"))};
  EXPECT_THAT(
      OpenCheckpoint(FormatNote(note), std::vector{LogKey(), other}, {}),
      Refused(RefusalCode::kLogSignature));
}

TEST(CheckpointTest, EitherKeyOfALogThatRotatesItSuffices) {
  const Vkey next =
      Vkey::Of(kExampleOrigin, Vkey::kEd25519, Key("next").public_key());
  Note note = Example();
  EXPECT_THAT(OpenCheckpoint(FormatNote(note), std::vector{next, LogKey()}, {}),
              IsOk());
  note.signatures[0] = *SignNote(note.text, kExampleOrigin, Key("next"));
  EXPECT_THAT(OpenCheckpoint(FormatNote(note), std::vector{next, LogKey()}, {}),
              IsOk());
  EXPECT_THAT(Open(note), Refused(RefusalCode::kLogSignature));
}

}  // namespace
}  // namespace orrery::signing
