#include "signing/client/client_state.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"

#include "signing/example_testing.h"
#include "signing/log/note.h"
#include "signing/refusal_matchers.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::signing {
namespace {

const auto kCorrupt = Refused(RefusalCode::kStateCorrupt);

Ed25519PrivateKey Key(absl::string_view name) {
  return *Ed25519PrivateKey::FromSeed(
      Digest::Of(absl::StrCat("orrery example key: ", name)).bytes());
}

Vkey LogKey(absl::string_view name = "log") {
  return Vkey::Of(kExampleOrigin, Vkey::kEd25519, Key(name).public_key());
}

absl::StatusOr<ClientState> Parse(const std::string& bytes) {
  return ParseClientState(bytes, std::vector{LogKey()});
}

ClientState Example() {
  ClientState state;
  state.note = ExampleFile("checkpoint-8");
  state.checkpoint = *ParseCheckpoint(ParseNote(state.note)->text);
  state.quorum_time = 1'795'347'603;
  state.tlog_policy = Digest::Of(ExampleFile("tlog-policy"));
  return state;
}

TEST(ClientStateTest, IsThatOfTheExample) {
  EXPECT_EQ(FormatClientState(Example()), ExampleFile("state-8"));
  EXPECT_THAT(Parse(ExampleFile("state-8")), IsOkAndHolds(Example()));
}

TEST(ClientStateTest, NoPartOfItIsTaken) {
  const std::string whole = ExampleFile("state-8");
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THAT(Parse(whole.substr(0, size)), kCorrupt) << size;
  }
  EXPECT_THAT(Parse(whole + "\n"), kCorrupt);
  EXPECT_THAT(Parse("\n" + whole), kCorrupt);
}

TEST(ClientStateTest, AnyOtherByteIsFound) {
  const std::string whole = ExampleFile("state-8");
  const size_t policy = whole.find("tlog-policy sha256:");
  for (size_t i = 0; i < whole.size(); ++i) {
    // Time and policy are information that nothing here contradicts.
    if (i >= whole.find("quorum-time ") && i < policy + 84) continue;
    std::string changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_THAT(Parse(changed), kCorrupt) << i;
  }
}

TEST(ClientStateTest, OtherFormsOfTheHeaderAreRefused) {
  for (const auto& [from, to] :
       std::vector<std::pair<std::string, std::string>>{
           {"state/v1", "state/v2"},
           {"size 8\n", "size 08\n"},
           {"quorum-time 1", "quorum-time +1"},
           {" 327\n", " 0327\n"},
           {" 327\n", " 328\n"},
           {"origin ", "origin  "},
           {"size 8\n", ""},
           {"size 8\n", "size 8\nsize 8\n"},
           {"v1\n", "v1\n\n"},
           {"v1\n", "v1\r\n"}}) {
    EXPECT_THAT(
        Parse(absl::StrReplaceAll(ExampleFile("state-8"), {{from, to}})),
        kCorrupt)
        << to;
  }
}

TEST(ClientStateTest, AHeaderThatIsNotOfItsNoteIsRefused) {
  ClientState state = Example();
  state.checkpoint.size = 7;
  EXPECT_THAT(Parse(FormatClientState(state)), kCorrupt);
  state = Example();
  state.checkpoint.root = Digest::Of("x");
  EXPECT_THAT(Parse(FormatClientState(state)), kCorrupt);
}

TEST(ClientStateTest, AnotherLogIsRefused) {
  const Vkey other =
      Vkey::Of("other.example/x", Vkey::kEd25519, Key("log").public_key());
  EXPECT_THAT(ParseClientState(ExampleFile("state-8"), std::vector{other}),
              kCorrupt);
}

TEST(ClientStateTest, AWrongSignatureOfAKnownKeyIsRefused) {
  ClientState state = Example();
  Note note = *ParseNote(state.note);
  note.signatures[0].bytes[0] ^= 1;
  state.note = FormatNote(note);
  EXPECT_THAT(Parse(FormatClientState(state)), kCorrupt);
}

TEST(ClientStateTest, ANoteOfALogKeyThatWasRotatedIsTaken) {
  EXPECT_THAT(
      ParseClientState(ExampleFile("state-8"), std::vector{LogKey("next")}),
      IsOk());
}

}  // namespace
}  // namespace orrery::signing
