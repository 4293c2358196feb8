#include "signing/log/note.h"

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "signing/digest.h"
#include "signing/example_testing.h"
#include "signing/refusal_matchers.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::signing {
namespace {

struct Published {
  const char* vkey;
  const char* note;
};

// C2SP signed-note; documentation of x/mod sumdb/note.
constexpr Published kPublished[] = {
    {"example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
     "This is an example message.\n"
     "\n"
     "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1"
     "ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"},
    {"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
     "If you think cryptography is the answer to your problem,\n"
     "then you don't know what your problem is.\n"
     "\n"
     "— PeterNeumann "
     "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2p"
     "ZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"},
};

absl::Status Verify(absl::string_view vkey_text, absl::string_view bytes) {
  const auto vkey = Vkey::Parse(vkey_text);
  if (!vkey.ok()) return vkey.status();
  const auto note = ParseNote(bytes);
  if (!note.ok()) return note.status();
  if (!IsBy(*vkey, note->signatures[0])) {
    return absl::NotFoundError("not by this key");
  }
  return vkey->key()->Verify(note->text, note->signatures[0].bytes);
}

TEST(NoteTest, PublishedNotesVerifyAndAreWrittenBack) {
  for (const Published& published : kPublished) {
    EXPECT_THAT(Verify(published.vkey, published.note), IsOk());
    const auto note = ParseNote(published.note);
    ASSERT_THAT(note, IsOk());
    EXPECT_EQ(FormatNote(*note), published.note);
  }
}

// After x/mod's test of this name: no note without any of its bytes is good.
TEST(NoteTest, MangledNotesDoNotVerify) {
  for (const Published& published : kPublished) {
    const std::string good = published.note;
    for (size_t i = 0; i < good.size(); ++i) {
      for (const char* insert : {"", "x", "\n", " ", "=", "\xff"}) {
        std::string mangled = good;
        mangled.replace(i, 1, insert);
        if (mangled == good) continue;
        EXPECT_FALSE(Verify(published.vkey, mangled).ok()) << mangled;
      }
    }
  }
}

TEST(NoteTest, SignaturesAreThoseOfTheExample) {
  const auto note = ParseNote(ExampleFile("checkpoint-8"));
  ASSERT_THAT(note, IsOk());
  ASSERT_EQ(note->signatures.size(), 2);
  const auto key = Ed25519PrivateKey::FromSeed(
      Digest::Of("orrery example key: log").bytes());
  ASSERT_THAT(key, IsOk());
  EXPECT_THAT(SignNote(note->text, kExampleOrigin, *key),
              IsOkAndHolds(note->signatures[0]));
  EXPECT_EQ(note->signatures[0].key_id, 0x096ae7d1U);
  EXPECT_EQ(note->signatures[1].key_name, "registry.example/timestamper");
  EXPECT_EQ(note->signatures[1].bytes.size(), 72);
}

// Unlike a leaf, which splits at the first.
TEST(NoteTest, SplitsAtTheLastEmptyLine) {
  const auto note = ParseNote("a\n\nb\n\n— n AAAAAAA=\n");
  ASSERT_THAT(note, IsOk());
  EXPECT_EQ(note->text, "a\n\nb\n");
  EXPECT_EQ(note->signatures,
            (std::vector<NoteSignature>{{"n", 0, std::string(1, '\0')}}));
}

TEST(NoteTest, ManyAndLongSignaturesOfStrangersAreTaken) {
  std::string bytes = "a\n\n";
  const std::string long_one = absl::Base64Escape(std::string(5000, 'q'));
  for (size_t i = 0; i + 1 < kMaxNoteSignatures; ++i) {
    absl::StrAppend(&bytes, "— n", i, " AAAAAAA=\n");
  }
  absl::StrAppend(&bytes, "— pq ", long_one, "\n");
  EXPECT_THAT(ParseNote(bytes), IsOk());
  EXPECT_THAT(ParseNote(bytes + "— n AAAAAAA=\n"),
              Refused(RefusalCode::kLogSyntax));
}

TEST(NoteTest, OtherFormsAreRefused) {
  for (const char* bytes : {
           "",
           "\n",
           "\n\n",
           "a",
           "a\n",
           "a\n\n",
           "a\n— n AAAAAAA=\n",
           "a\n\n— n AAAAAAA=",       // last LF missing
           "a\n\n— n AAAAAAA=\n\n",   // empty line at the end
           "a\n\n— n AAAAAAA=\nb\n",  // no signature line
           "a\n\n- n AAAAAAA=\n",     // hyphen
           "a\n\n—n AAAAAAA=\n",
           "a\n\n—  AAAAAAA=\n",
           "a\n\n— n\n",
           "a\n\n— n \n",
           "a\n\n—  n AAAAAAA=\n",
           "a\n\n— n  AAAAAAA=\n",
           "a\n\n— n AAAAAAA= \n",
           "a\n\n— n AAAAAAA= x\n",
           "a\n\n— n+m AAAAAAA=\n",
           "a\n\n— n\xc2\xa0m AAAAAAA=\n",
           "a\n\n— n AAAAAA==\n",  // id without signature
           "a\n\n— n AAAAAAB=\n",  // loose bits
           "a\n\n— n AAAAAAA\n",
           "a\n\n— n AAAA_AA=\n",
           "a\r\n\r\n— n AAAAAAA=\r\n",
           "a\tb\n\n— n AAAAAAA=\n",
           "a\x1b\n\n— n AAAAAAA=\n",
           "a\x7f\n\n— n AAAAAAA=\n",
           "a\n\n— n\xc2\x9f AAAAAAA=\n",
           "a\xff\n\n— n AAAAAAA=\n",
       }) {
    EXPECT_THAT(ParseNote(bytes), Refused(RefusalCode::kLogSyntax)) << bytes;
  }
  EXPECT_THAT(ParseNote(absl::string_view("a\0\n\n— n AAAAAAA=\n", 19)),
              Refused(RefusalCode::kLogSyntax));
}

TEST(NoteTest, ATooLongNoteIsRefused) {
  const std::string end = "\n\n— n AAAAAAA=\n";
  const std::string longest(kMaxNoteBytes - end.size(), 'a');
  EXPECT_THAT(ParseNote(longest + end), IsOk());
  EXPECT_THAT(ParseNote("a" + longest + end), Refused(RefusalCode::kLogSyntax));
}

}  // namespace
}  // namespace orrery::signing
