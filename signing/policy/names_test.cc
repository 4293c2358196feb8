#include "signing/policy/names.h"

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "signing/example_testing.h"
#include "signing/refusal_matchers.h"
#include "signing/ssh/ssh_wire.h"

namespace orrery::signing {
namespace {

constexpr char kHash[] =
    "sha256:f8181357fef13fedfe236b25c3ec2aaa644cb680edb8177428368077596979fc";
constexpr char kTree[] = "h1:kfA/X9U3d0yHdrSTnpA6ElcyYSG+izGFldvKD88ly7c=";
constexpr char kKey[] =
    "ssh-ed25519 "
    "AAAAC3NzaC1lZDI1NTE5AAAAIF8nhuPDY/yYGhlFq0LV+NkmgLDc/o6v0tDvJUFruEkl";
constexpr char kFingerprint[] =
    "SHA256:QcOIhLFjMfVH59ODkjBo6bJJJrsbd6NubkSh0ZMamGs";

std::string File(absl::string_view lines) {
  return absl::StrCat("orrery/names/v1\n", lines);
}

Names Parse(absl::string_view lines) {
  auto names = Names::Parse(File(lines));
  EXPECT_THAT(names, IsOk()) << lines;
  return *std::move(names);
}

// trust.md §26.
TEST(NamesTest, ReadsThoseOfTheExample) {
  const auto names = Names::Parse(ExampleFile("names"));
  ASSERT_THAT(names, IsOk());
  EXPECT_THAT(names->CheckClient("0.1.0"), IsOk());
  EXPECT_THAT(names->CheckReserved("acme/db"),
              Refused(RefusalCode::kNameReserved));
  EXPECT_THAT(names->CheckReserved("kafka"), IsOk());
  ASSERT_NE(names->FindBinding("kafka"), nullptr);
  EXPECT_EQ(absl::StrCat("sha256:", names->FindBinding("kafka")->Hex()), kHash);
  EXPECT_EQ(names->FindBinding("spark"), nullptr);
}

TEST(NamesTest, AFirstLineIsAllThatIsNeeded) {
  const Names names = Parse("");
  EXPECT_THAT(names.CheckClient("0.0.0"), IsOk());
  EXPECT_THAT(names.CheckReserved("kafka"), IsOk());
}

TEST(NamesTest, TakesEveryLineInAnyOrder) {
  Parse(absl::StrCat("excuse 7 ", kHash, "\n# c \xC3\xA4\n\nblock kafka 57 ",
                     kTree, "\nreset kafka from-seq 9 ", kHash,
                     "\nreset kafka from-seq 12 ", kHash, "\nbind acme/db ",
                     kHash, "\nreserve acme-*\nreserve acme/\nreserve *\n",
                     "admission ", kKey, "\nmin-client 10.0.9\n"));
}

TEST(NamesTest, HasAtMostFourAdmissionKeys) {
  std::string text = "orrery/names/v1\n";
  for (int i = 0; i < 4; ++i) {
    std::string blob;
    AppendSshString("ssh-ed25519", blob);
    AppendSshString(std::string(31, 'k') + static_cast<char>(i), blob);
    absl::StrAppend(&text, "admission ssh-ed25519 ", absl::Base64Escape(blob),
                    "\n");
  }
  EXPECT_THAT(Names::Parse(text), IsOk());
  EXPECT_THAT(Names::Parse(absl::StrCat(text, "admission ", kKey, "\n")),
              Refused(RefusalCode::kTrustSyntax));
}

TEST(NamesTest, AClientBelowTheMinimumStops) {
  const Names names = Parse("min-client 0.10.2\n");
  EXPECT_THAT(names.CheckClient("0.9.3"), Refused(RefusalCode::kTrustClient));
  EXPECT_THAT(names.CheckClient("0.10.1"), Refused(RefusalCode::kTrustClient));
  EXPECT_THAT(names.CheckClient("0.10.2"), IsOk());
  EXPECT_THAT(names.CheckClient("1.0.0"), IsOk());
}

TEST(NamesTest, ABoundNameIsNotReserved) {
  const Names names =
      Parse(absl::StrCat("reserve acme-*\nbind acme-db ", kHash, "\n"));
  EXPECT_THAT(names.CheckReserved("acme-db"), IsOk());
  EXPECT_THAT(names.CheckReserved("acme-x"),
              Refused(RefusalCode::kNameReserved));
  EXPECT_THAT(names.CheckReserved("acme"), IsOk());
}

TEST(NamesTest, BlocksOneContentOfARelease) {
  const Names names = Parse(absl::StrCat("block kafka 57 ", kTree, "\n"));
  const auto tree = TreeHash::Parse(kTree);
  ASSERT_THAT(tree, IsOk());
  EXPECT_THAT(names.CheckBlocked("kafka", 57, *tree),
              Refused(RefusalCode::kRecordRevoked));
  EXPECT_THAT(names.CheckBlocked("kafka", 58, *tree), IsOk());
  EXPECT_THAT(names.CheckBlocked("spark", 57, *tree), IsOk());
  EXPECT_THAT(names.CheckBlocked("kafka", 57, TreeHash()), IsOk());
}

TEST(NamesTest, ExcusesOneLeafByItsHash) {
  const Names names = Parse(absl::StrCat("excuse 7 ", kHash, "\n"));
  const Digest hash = *Digest::ParseHex(absl::string_view(kHash).substr(7));
  EXPECT_TRUE(names.IsExcused(7, hash));
  EXPECT_FALSE(names.IsExcused(8, hash));
  EXPECT_FALSE(names.IsExcused(7, Digest()));
}

TEST(NamesTest, RefusesWhatBreaksARule) {
  for (const char* key :
       {"ssh-ed25519 "
        "AAAAC3NzaC1lZDI1NTE5AAAAIAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "ssh-ed25519 AAAA", "ssh-dss AAAA"}) {
    EXPECT_THAT(Names::Parse(File(absl::StrCat("admission ", key, "\n"))),
                Refused(RefusalCode::kTrustSyntax))
        << key;
  }
  const std::string bind = absl::StrCat("bind kafka ", kHash, "\n");
  const std::string block = absl::StrCat("block kafka 57 ", kTree, "\n");
  const std::string excuse = absl::StrCat("excuse 7 ", kHash, "\n");
  const std::string reset =
      absl::StrCat("reset kafka from-seq 9 ", kHash, "\n");
  for (const std::string& lines : std::vector<std::string>{
           "# x",
           "unknown x\n",
           "Bind kafka x\n",
           " # indented\n",
           " bind kafka\n",
           "min-client 1\n",
           "min-client 1.2\n",
           "min-client 1.2.3.4\n",
           "min-client 1.02.3\n",
           "min-client v1.2.3\n",
           "min-client 1.2.3\nmin-client 1.2.3\n",
           "reserve\n",
           "reserve acme*\n",
           "reserve acme/ \n",
           "reserve  acme/\n",
           "reserve\tacme/\n",
           "reserve acme/\r\n",
           "reserve acme/ x\n",
           "reserve acme/\nreserve acme/\n",
           "bind kafka\n",
           "bind Kafka sha256:x\n",
           "bind acme/ x\n",
           bind + bind,
           block + block,
           excuse + excuse,
           reset + reset,
           absl::StrCat("reset kafka at 9 ", kHash, "\n"),
           absl::StrCat("reset kafka from-seq 09 ", kHash, "\n"),
           absl::StrCat("reset kafka from-seq 0 ", kHash, "\n"),
           "reset kafka from-seq 9 x\n",
           absl::StrCat("block kafka -1 ", kTree, "\n"),
           absl::StrCat("block kafka 1 ", kHash, "\n"),
           absl::StrCat("excuse x ", kHash, "\n"),
           "excuse 1 x\n",
           absl::StrCat("admission ", kKey, " comment\n"),
           absl::StrCat("admission ", kKey, "\nadmission ", kKey, "\n")}) {
    EXPECT_THAT(Names::Parse(File(lines)), Refused(RefusalCode::kTrustSyntax))
        << lines;
  }
  for (const std::string text :
       {"", "\n", "bind x y\n", "orrery/names/v2\n", "orrery/names/v1",
        "# x\norrery/names/v1\n", "orrery/names/v1\r\n"}) {
    EXPECT_THAT(Names::Parse(text), Refused(RefusalCode::kTrustSyntax)) << text;
  }
}

// What would narrow is refused by whoever cannot do it.
TEST(NamesTest, RefusesWhatIsNotSupportedYet) {
  EXPECT_THAT(
      Names::Parse(File(absl::StrCat("bind-scope acme/ ", kHash, "\n"))),
      RefusedAtLine(RefusalCode::kTrustSyntax, 2));
  EXPECT_THAT(Names::Parse(File(absl::StrCat("# x\nrevoke-key ", kFingerprint,
                                             " from-size 4\n"))),
              RefusedAtLine(RefusalCode::kTrustSyntax, 3));
}

}  // namespace
}  // namespace orrery::signing
