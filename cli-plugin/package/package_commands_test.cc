#include "cli-plugin/package/package_commands.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "cli-plugin/command_test_fixture.h"
#include "cli-plugin/package/child_process.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::cli {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kAlice[] =
    "ssh-ed25519 "
    "AAAAC3NzaC1lZDI1NTE5AAAAIOGh1g+m8totEiTK5OZgq9q0HbmY3GNWumD5Osib8Itr a\n";
constexpr char kRepo[] = "https://git.example/kafka.git refs/heads/main";
constexpr char kPackage[] =
    R"({"packagingVersion":"4.0","name":"kafka","version":"2.6.0",
        "maintainer":"me@example.com","description":"Streams.",
        "tags":["demo"]})";
constexpr char kFirst[] = "trust/kafka/000001.stmt";

class PackageCommandsTest : public tests::CommandTest {
 protected:
  PackageCommandsTest() {
    working_directory =
        std::string(::testing::TempDir()) + "/" +
        ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(working_directory);
    std::filesystem::create_directories(working_directory);
    Write("alice.pub", kAlice);
  }

  void Write(const std::string& path, const std::string& text) {
    const std::filesystem::path file = working_directory + "/" + path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }

  std::string Read(const std::string& path) {
    std::ifstream file(working_directory + "/" + path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }

  bool Exists(const std::string& path) {
    return std::filesystem::exists(working_directory + "/" + path);
  }

  // Of Ed25519, without a passphrase; the private half is `name`.
  void MakeKey(const std::string& name) {
    const auto made =
        RunChild({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name,
                  "-f", working_directory + "/" + name},
                 false);
    ASSERT_TRUE(made.ok() && made->exit_code == 0);
  }

  int Keyset(const std::vector<std::string>& flags) {
    std::vector<std::string> words = {"package", "keyset", ".", "kafka"};
    words.insert(words.end(), flags.begin(), flags.end());
    return Run(words);
  }

  // The first keyset, with the signer alice and what else is given.
  void MakeFirst(std::vector<std::string> flags = {}) {
    for (const char* word : {"--signer", "alice=alice.pub", "--repo", kRepo,
                             "--log", "registry.example/main"}) {
      flags.emplace_back(word);
    }
    ASSERT_EQ(Keyset(flags), 0) << err;
  }

  // The first keyset, with the signer bob as well, who has signed it.
  void MakeSignedFirst() {
    MakeKey("bob");
    MakeFirst({"--signer", "bob=bob.pub"});
    Sign(kFirst, "bob");
  }

  void Sign(const std::string& statement, const std::string& key,
            const std::string& label = "") {
    std::vector<std::string> words = {"package", "sign", statement, "--key",
                                      key};
    if (!label.empty()) words.insert(words.end(), {"--label", label});
    ASSERT_EQ(Run(words), 0) << err;
  }

  void Remove(const std::string& path) {
    ASSERT_TRUE(std::filesystem::remove(working_directory + "/" + path));
  }
};

TEST_F(PackageCommandsTest, InitForbidsLineEndConversionOnce) {
  Write(".gitattributes", "*.png binary");
  ASSERT_EQ(Run({"package", "init", "."}), 0) << err;
  EXPECT_EQ(out, "trust\n");
  ASSERT_EQ(Run({"package", "init", "."}), 0) << err;
  EXPECT_EQ(Read(".gitattributes"),
            "*.png binary\n/trust/** -text\n/repo/** -text\n");
  EXPECT_TRUE(Exists("trust"));
  EXPECT_THAT(http.requests(), IsEmpty());
}

TEST_F(PackageCommandsTest, FirstKeysetIsWrittenAndItsPathPrinted) {
  MakeFirst();
  EXPECT_EQ(out, std::string(kFirst) + "\n");
  EXPECT_EQ(Read(kFirst),
            "orrery/record/v1\n"
            "kind keyset\n"
            "log registry.example/main\n"
            "package kafka\n"
            "seq 1\n"
            "prev sha256:00000000000000000000000000000000000000000000000000000"
            "00000000000\n"
            "keyset 1\n"
            "threshold keyset 1\n"
            "threshold release 1\n"
            "threshold yank 1\n"
            "mode immutable\n"
            "signer alice "
            "namespaces=\"keyset@orrery,release@orrery,yank@orrery\" "
            "ssh-ed25519 "
            "AAAAC3NzaC1lZDI1NTE5AAAAIOGh1g+m8totEiTK5OZgq9q0HbmY3GNWumD5Osib8I"
            "tr\n"
            "repo https://git.example/kafka.git refs/heads/main\n"
            "gate none\n");
  EXPECT_THAT(http.requests(), IsEmpty());
}

TEST_F(PackageCommandsTest, FirstKeysetSaysWhatItStillNeeds) {
  EXPECT_EQ(Keyset({}), 64);
  EXPECT_THAT(err, HasSubstr("needs --signer"));
  EXPECT_EQ(Keyset({"--signer", "alice=alice.pub"}), 64);
  EXPECT_THAT(err, HasSubstr("needs --repo"));
  EXPECT_EQ(Keyset({"--signer", "alice=alice.pub", "--repo", kRepo}), 64);
  EXPECT_THAT(
      err, AllOf(HasSubstr("needs --log"), HasSubstr("/v1/trust/tlog-policy")));
  EXPECT_FALSE(Exists(kFirst));
}

TEST_F(PackageCommandsTest, NextKeysetKeepsWhatIsNotNamed) {
  MakeKey("carol");
  MakeSignedFirst();
  ASSERT_EQ(Keyset({"--signer", "carol=carol.pub:release", "--threshold",
                    "release=2"}),
            0)
      << err;
  EXPECT_EQ(out, "trust/kafka/000002.stmt\n");
  EXPECT_THAT(Read("trust/kafka/000002.stmt"),
              AllOf(HasSubstr("\nkeyset 2\n"), HasSubstr("threshold release 2"),
                    HasSubstr("signer alice "), HasSubstr("signer bob "),
                    HasSubstr("signer carol namespaces=\"release@orrery\" "),
                    HasSubstr(kRepo)));
}

TEST_F(PackageCommandsTest, AKeysetThatNobodySignedIsNotFollowedByAnother) {
  MakeFirst();
  const std::string wrong = Read(kFirst);
  EXPECT_EQ(Keyset({"--log", "other.example/main"}), 4);
  EXPECT_THAT(
      err, HasSubstr("trust/kafka/000001.stmt is not complete: 1 principal of "
                     "keyset 1 must sign it, and 0 do: a signature by alice is "
                     "missing; complete it, or, to say it otherwise, remove "
                     "trust/kafka/000001.stmt and say it again"));
  EXPECT_EQ(Read(kFirst), wrong);
  EXPECT_FALSE(Exists("trust/kafka/000002.stmt"));
  Write("repo/packages/K/kafka/57/package.json", kPackage);
  ASSERT_EQ(Run({"package", "record", ".", "kafka"}), 0) << err;
  EXPECT_EQ(Keyset({"--log", "other.example/main"}), 4);
  EXPECT_THAT(err, HasSubstr("remove trust/kafka/000001.stmt and all "
                             "statements after it and say it again"));
}

TEST_F(PackageCommandsTest, AKeysetThatLacksSignaturesIsNotFollowedByAnother) {
  MakeKey("bob");
  MakeKey("carol");
  MakeFirst({"--signer", "bob=bob.pub", "--signer", "carol=carol.pub",
             "--threshold", "keyset=2"});
  Sign(kFirst, "bob");
  EXPECT_EQ(Keyset({"--threshold", "release=2"}), 4);
  EXPECT_THAT(err, HasSubstr("2 principals of keyset 1 must sign it, and 1 "
                             "does: a signature by alice or carol is missing"));
  Sign(kFirst, "carol", "carol");
  ASSERT_EQ(Keyset({"--drop", "alice", "--threshold", "keyset=1"}), 0) << err;
  Sign("trust/kafka/000002.stmt", "bob");
  // Enough for the new keyset, but not for the one before.
  EXPECT_EQ(Keyset({"--threshold", "release=2"}), 4);
  EXPECT_THAT(err, HasSubstr("trust/kafka/000002.stmt is not complete: 2 "
                             "principals of keyset 1 must sign it"));
  EXPECT_FALSE(Exists("trust/kafka/000003.stmt"));
  Sign("trust/kafka/000002.stmt", "carol", "carol");
  EXPECT_EQ(Keyset({"--threshold", "release=2"}), 0) << err;
}

TEST_F(PackageCommandsTest, WrongValuesAreWrongUseAndWriteNothing) {
  MakeSignedFirst();
  for (const std::vector<std::string>& flags :
       std::vector<std::vector<std::string>>{
           {"--signer", "alice"},
           {"--signer", "al*ce=alice.pub"},
           {"--signer", "bob=none.pub"},
           {"--signer", "bob=alice.pub:everything"},
           {"--threshold", "release"},
           {"--threshold", "all=2"},
           {"--mode", "frozen"},
           {"--threshold", "release=3"},
           {"--threshold", "release=0"},
           {"--repo", "https://git.example/kafka.git"},
           {"--repo", "git@git.example:kafka.git refs/heads/main"},
           {"--repo", "https://git.example/kafka.git main"},
           {"--log", "Registry.example/main"}}) {
    EXPECT_EQ(Keyset(flags), 64) << flags[1] << ": " << err;
  }
  EXPECT_FALSE(Exists("trust/kafka/000002.stmt"));
}

TEST_F(PackageCommandsTest, AKeysetThatChangesNothingIsAConflict) {
  MakeSignedFirst();
  EXPECT_EQ(Keyset({"--threshold", "release=1"}), 4);
  EXPECT_THAT(err, HasSubstr("keyset 1 says already"));
}

TEST_F(PackageCommandsTest, RecordNamesEveryFileOfTheNewestRelease) {
  MakeFirst();
  Write("repo/packages/K/kafka/9/package.json", kPackage);
  Write("repo/packages/K/kafka/57/package.json", kPackage);
  Write("repo/packages/K/kafka/57/config.json", "{}\n");
  ASSERT_EQ(Run({"package", "record", ".", "kafka"}), 0) << err;
  EXPECT_EQ(out, "trust/kafka/000002.stmt\n");
  EXPECT_THAT(
      Read("trust/kafka/000002.stmt"),
      AllOf(HasSubstr("kind release\n"), HasSubstr("\nrelease 57\n"),
            HasSubstr("\nrevision 1\n"), HasSubstr("\nversion 2.6.0\n"),
            HasSubstr("\nfile sha256:ca3d163bab055381827226140568f3bef7eaac187"
                      "cebd76878e0b63e9e442356 3 config.json\nfile sha256:"),
            HasSubstr(" package.json\n")));
}

TEST_F(PackageCommandsTest, RecordOfAChangedReleaseNamesFileAndWaysOut) {
  MakeSignedFirst();
  Write("repo/packages/K/kafka/57/package.json", kPackage);
  ASSERT_EQ(Run({"package", "record", ".", "kafka"}), 0) << err;
  Sign("trust/kafka/000002.stmt", "bob");
  EXPECT_EQ(Run({"package", "record", ".", "kafka"}), 4);
  EXPECT_THAT(err, HasSubstr("nothing of it has changed"));
  Write("repo/packages/K/kafka/57/config.json", "{}\n");
  EXPECT_EQ(Run({"package", "record", ".", "kafka"}), 4);
  const std::string ways_out =
      "put the files back; or, as long as no registry has logged it, remove "
      "trust/kafka/000002.stmt, trust/kafka/000002.stmt.sig, and record it "
      "again; after that, publish it as release 58";
  EXPECT_THAT(err, AllOf(HasSubstr("trust/kafka/000002.stmt records release 57 "
                                   "otherwise (config.json is new): "),
                         HasSubstr(ways_out)));
  Run({"package", "status", "."});
  EXPECT_THAT(out, AllOf(HasSubstr("content.digest"), HasSubstr(ways_out)));
  Remove("trust/kafka/000002.stmt");
  Remove("trust/kafka/000002.stmt.sig");
  EXPECT_EQ(Run({"package", "record", ".", "kafka"}), 0) << err;
  EXPECT_EQ(out, "trust/kafka/000002.stmt\n");
}

TEST_F(PackageCommandsTest, NobodySignsARecordOfOtherFiles) {
  MakeSignedFirst();
  Write("repo/packages/K/kafka/57/package.json", kPackage);
  ASSERT_EQ(Run({"package", "record", ".", "kafka"}), 0) << err;
  Write("repo/packages/K/kafka/57/config.json", "{}\n");
  EXPECT_EQ(Run({"package", "sign", "trust/kafka/000002.stmt", "--key", "bob"}),
            4);
  EXPECT_THAT(err, AllOf(HasSubstr("trust/kafka/000002.stmt is not signed"),
                         HasSubstr("repo/packages/K/kafka/57 is not what it "
                                   "records: config.json is new")));
  EXPECT_FALSE(Exists("trust/kafka/000002.stmt.sig"));
  // Before anybody has signed.
  Run({"package", "status", "."});
  EXPECT_THAT(out, AllOf(HasSubstr("release 57: refused, 0 of 1 signed"),
                         HasSubstr("content.digest")));
  EXPECT_EQ(Run({"package", "lint", ".", "--profile", "import"}), 1);
  EXPECT_THAT(out, HasSubstr("000002.stmt: error content.digest"));
  Remove("repo/packages/K/kafka/57/config.json");
  Sign("trust/kafka/000002.stmt", "bob");
}

TEST_F(PackageCommandsTest, MutableKeysetRecordsTheNextRevision) {
  MakeFirst({"--mode", "mutable"});
  Write("repo/packages/K/kafka/57/package.json", kPackage);
  ASSERT_EQ(Run({"package", "record", ".", "kafka"}), 0) << err;
  Write("repo/packages/K/kafka/57/config.json", "{}\n");
  ASSERT_EQ(Run({"package", "record", ".", "kafka"}), 0) << err;
  EXPECT_THAT(Read("trust/kafka/000003.stmt"),
              AllOf(HasSubstr("\nrevision 2\nreplaces h1:")));
}

TEST_F(PackageCommandsTest, RecordEndorsesTheRevisionThatIsNamed) {
  const std::string tree = "h1:+9TiLm+LhWsO/6osgRYH6RijmF5B00bcb6GvpKa/pgg=";
  MakeFirst();
  Write("repo/packages/K/kafka/57/package.json", kPackage);
  EXPECT_EQ(Run({"package", "record", ".", "kafka", "--revision", "2"}), 64);
  EXPECT_EQ(Run({"package", "record", ".", "kafka", "--revision", "2",
                 "--replaces", "h1:x"}),
            64);
  ASSERT_EQ(Run({"package", "record", ".", "kafka", "--revision", "2",
                 "--replaces", tree}),
            0)
      << err;
  EXPECT_THAT(Read("trust/kafka/000002.stmt"),
              HasSubstr("\nrevision 2\nreplaces " + tree + "\n"));
}

TEST_F(PackageCommandsTest, RecordNamesWhatNoRegistryWouldTake) {
  MakeFirst();
  Write("repo/packages/K/kafka/57/package.json",
        "{\"packagingVersion\":\"4.0\"}");
  EXPECT_EQ(Run({"package", "record", ".", "kafka"}), 4);
  EXPECT_THAT(err, HasSubstr("repo/packages/K/kafka/57/package.json"));
  EXPECT_EQ(Run({"package", "record", ".", "kafka", "--release", "58"}), 3);
  EXPECT_THAT(err, HasSubstr("no release directory repo/packages/K/kafka/58"));
}

TEST_F(PackageCommandsTest, RecordWithoutKeysetSaysWhatComesFirst) {
  Write("repo/packages/K/kafka/57/package.json", kPackage);
  EXPECT_EQ(Run({"package", "record", ".", "kafka"}), 4);
  EXPECT_THAT(err, HasSubstr("orrery package keyset"));
}

TEST_F(PackageCommandsTest, YankNamesReleaseRevisionAndReason) {
  MakeFirst();
  Write("repo/packages/K/kafka/57/package.json", kPackage);
  EXPECT_EQ(Run({"package", "yank", ".", "kafka", "57"}), 64);
  EXPECT_EQ(Run({"package", "yank", ".", "kafka", "58", "--reason", "x"}), 3);
  ASSERT_EQ(Run({"package", "yank", ".", "kafka", "57", "--reason", "broken"}),
            0)
      << err;
  EXPECT_THAT(Read("trust/kafka/000002.stmt"),
              HasSubstr("release 57\nrevision all\nreason broken\n"));
  ASSERT_EQ(
      Run({"package", "yank", ".", "kafka", "57#2", "--reason", "broken"}), 0)
      << err;
  EXPECT_THAT(Read("trust/kafka/000003.stmt"), HasSubstr("\nrevision 2\n"));
}

TEST_F(PackageCommandsTest, SignatureStandsBesideTheStatement) {
  MakeKey("bob");
  MakeFirst({"--signer", "bob=bob.pub"});
  ASSERT_EQ(Run({"package", "sign", kFirst, "--key", "bob"}), 0) << err;
  EXPECT_EQ(out, std::string(kFirst) + ".sig\n");
  const auto checked = RunChild(
      {"sh", "-c",
       "cd " + working_directory + " && sed -n 's/^signer //p' " + kFirst +
           " >as && ssh-keygen -Y verify -f as -I bob -n keyset@orrery -s " +
           kFirst + ".sig <" + kFirst},
      false);
  ASSERT_TRUE(checked.ok());
  EXPECT_EQ(checked->exit_code, 0) << checked->errors;
}

TEST_F(PackageCommandsTest, AnotherSignersFileIsNotReplaced) {
  MakeKey("bob");
  MakeKey("carol");
  MakeFirst({"--signer", "bob=bob.pub", "--signer", "carol@x=carol.pub"});
  ASSERT_EQ(Run({"package", "sign", kFirst, "--key", "bob"}), 0) << err;
  const std::string before = Read(std::string(kFirst) + ".sig");
  EXPECT_EQ(Run({"package", "sign", kFirst, "--key", "carol"}), 4);
  EXPECT_THAT(err, HasSubstr("--label carol"));
  EXPECT_EQ(Read(std::string(kFirst) + ".sig"), before);
  ASSERT_EQ(
      Run({"package", "sign", kFirst, "--key", "carol", "--label", "carol"}), 0)
      << err;
  EXPECT_EQ(out, "trust/kafka/000001.stmt.carol.sig\n");
  EXPECT_EQ(Run({"package", "sign", kFirst, "--key", "bob"}), 0) << err;
}

TEST_F(PackageCommandsTest, WhoIsNoSignerIsToldWhoIs) {
  MakeKey("mallory");
  MakeFirst();
  EXPECT_EQ(Run({"package", "sign", kFirst, "--key", "mallory"}), 12);
  EXPECT_THAT(err, AllOf(HasSubstr("record.namespace"),
                         HasSubstr("may not sign a keyset"),
                         HasSubstr("alice SHA256:")));
  EXPECT_FALSE(Exists(std::string(kFirst) + ".sig"));
}

TEST_F(PackageCommandsTest, ABrokenStatementIsNamedWithItsLine) {
  MakeFirst();
  Write(kFirst, Read(kFirst) + "note hello\n");
  EXPECT_EQ(Run({"package", "record", ".", "kafka"}), 12);
  EXPECT_THAT(err, AllOf(HasSubstr("record.syntax"), HasSubstr(kFirst)));
  EXPECT_EQ(Run({"package", "sign", kFirst, "--key", "alice"}), 12);
  EXPECT_EQ(Run({"package", "sign", "alice.pub", "--key", "alice"}), 64);
}

TEST_F(PackageCommandsTest, AFolderThatIsALinkIsNotFollowed) {
  MakeSignedFirst();
  std::filesystem::rename(working_directory + "/trust",
                          working_directory + "/elsewhere");
  std::filesystem::create_symlink("elsewhere", working_directory + "/trust");
  EXPECT_NE(Run({"package", "status", "."}), 0);
  EXPECT_THAT(out + err, HasSubstr("trust"));
  EXPECT_THAT(out + err, HasSubstr("is a link; no registry follows it"));
}

TEST_F(PackageCommandsTest, AChangedReleaseIsPublishedAboveAllOthers) {
  MakeSignedFirst();
  for (const char* release : {"57", "60"}) {
    Write(std::string("repo/packages/K/kafka/") + release + "/package.json",
          kPackage);
    ASSERT_EQ(Run({"package", "record", ".", "kafka", "--release", release}), 0)
        << err;
  }
  Write("repo/packages/K/kafka/57/config.json", "{}\n");
  EXPECT_EQ(Run({"package", "record", ".", "kafka", "--release", "57"}), 4);
  EXPECT_THAT(err, HasSubstr("publish it as release 61"));
}

TEST_F(PackageCommandsTest, ALinkIsNoStatementAndNoSignature) {
  MakeSignedFirst();
  const std::string trust = working_directory + "/trust/kafka/";
  std::filesystem::rename(trust + "000001.stmt.sig", trust + "elsewhere");
  std::filesystem::create_symlink("elsewhere", trust + "000001.stmt.sig");
  for (const char* command : {"status", "lint"}) {
    EXPECT_NE(Run({"package", command, "."}), 0);
    EXPECT_THAT(out + err, HasSubstr("is a link or a folder; only files are "
                                     "read"))
        << command;
  }
  EXPECT_NE(Keyset({"--threshold", "release=2"}), 0);
  EXPECT_FALSE(Exists("trust/kafka/000002.stmt"));
}

TEST_F(PackageCommandsTest, AGapInTheChainIsNamed) {
  MakeFirst();
  Write("trust/kafka/000003.stmt", "x\n");
  EXPECT_EQ(Run({"package", "record", ".", "kafka"}), 12);
  EXPECT_THAT(err, AllOf(HasSubstr("record.chain"),
                         HasSubstr("trust/kafka/000002.stmt"),
                         Not(HasSubstr("000001"))));
}

TEST_F(PackageCommandsTest, StatusTellsWhoSignedAndWhoMaySign) {
  MakeKey("bob");
  MakeKey("carol");
  ASSERT_EQ(Keyset({"--signer", "bob=bob.pub", "--signer", "carol=carol.pub",
                    "--threshold", "keyset=2", "--repo", kRepo, "--log",
                    "registry.example/main"}),
            0)
      << err;
  ASSERT_EQ(Run({"package", "sign", kFirst, "--key", "bob"}), 0) << err;
  Write("repo/packages/K/kafka/57/package.json", kPackage);
  ASSERT_EQ(Run({"package", "record", ".", "kafka"}), 0) << err;
  Write("repo/packages/K/kafka/58/package.json", kPackage);
  ASSERT_EQ(Run({"package", "status", "."}), 0) << err;
  EXPECT_THAT(
      out,
      AllOf(HasSubstr("000001.stmt  keyset 1: pending, 1 of 2 signed (bob), "
                      "may sign: carol"),
            HasSubstr("000002.stmt  release 57: pending, 0 of 1 signed"),
            HasSubstr("repo/packages/K/kafka/58: no statement records it")));
  ASSERT_EQ(
      Run({"package", "sign", kFirst, "--key", "carol", "--label", "carol"}), 0)
      << err;
  ASSERT_EQ(Run({"package", "status", ".", "-o", "json"}), 0) << err;
  EXPECT_THAT(out, AllOf(HasSubstr("\"state\": \"complete\""),
                         HasSubstr("\"record.threshold\"")));
  EXPECT_THAT(http.requests(), IsEmpty());
}

TEST_F(PackageCommandsTest, WhoReplacesAKeySignsWithTheOldAndTheNewOne) {
  for (const char* key : {"old", "bob", "new"}) MakeKey(key);
  ASSERT_EQ(Keyset({"--signer", "alice=old.pub", "--signer", "bob=bob.pub",
                    "--threshold", "keyset=2", "--repo", kRepo, "--log",
                    "registry.example/main"}),
            0)
      << err;
  Sign(kFirst, "old");
  Sign(kFirst, "bob", "bob");
  ASSERT_EQ(Keyset({"--drop", "alice", "--signer", "alice=new.pub"}), 0) << err;
  const std::string second = "trust/kafka/000002.stmt";
  Sign(second, "old", "alice");
  Sign(second, "bob", "bob");
  ASSERT_EQ(Run({"package", "status", "."}), 0) << err;
  EXPECT_THAT(out, HasSubstr("keyset 2: pending, 2 of 2 of keyset 1 signed "
                             "(alice, bob); 1 of 2 of keyset 2 signed (bob), "
                             "may sign: alice\n"));
  ASSERT_EQ(Run({"package", "status", ".", "-o", "jsonl"}), 0) << err;
  EXPECT_THAT(out, AllOf(HasSubstr(
                       R"("signed_by":["alice","bob"],"may_sign":["alice"],)"
                       R"("needed":2,"keysets":[{"keyset":1,"needed":2,)"
                       R"("signed_by":["alice","bob"],"may_sign":[]},)"
                       R"({"keyset":2,"needed":2,"signed_by":["bob"],)"
                       R"("may_sign":["alice"]}])")));
  EXPECT_EQ(
      Run({"package", "sign", second, "--key", "new", "--label", "alice"}), 4);
  EXPECT_THAT(err, HasSubstr("another key; put yours beside it with --label "
                             "alice2"));
  Sign(second, "new", "alice2");
  ASSERT_EQ(Run({"package", "status", ".", "-o", "json"}), 0) << err;
  EXPECT_THAT(out, Not(AnyOf(HasSubstr("pending"), HasSubstr("refused"))));
}

TEST_F(PackageCommandsTest, ASpareKeyOfTheSamePersonReplacesALostOne) {
  for (const char* key : {"lost", "spare", "bob", "new"}) MakeKey(key);
  ASSERT_EQ(Keyset({"--signer", "alice=lost.pub", "--signer", "alice=spare.pub",
                    "--signer", "bob=bob.pub", "--threshold", "keyset=2",
                    "--repo", kRepo, "--log", "registry.example/main"}),
            0)
      << err;
  Sign(kFirst, "lost");
  Sign(kFirst, "spare", "spare");
  ASSERT_EQ(Run({"package", "status", "."}), 0) << err;
  EXPECT_THAT(out, HasSubstr("pending, 1 of 2 signed (alice), may sign: bob"));
  Sign(kFirst, "bob", "bob");
  ASSERT_EQ(Keyset({"--drop", "alice", "--signer", "alice=new.pub", "--signer",
                    "alice=spare.pub"}),
            0)
      << err;
  Sign("trust/kafka/000002.stmt", "spare");
  Sign("trust/kafka/000002.stmt", "bob", "bob");
  ASSERT_EQ(Run({"package", "status", "."}), 0) << err;
  EXPECT_THAT(out, HasSubstr("keyset 2: complete"));
}

TEST_F(PackageCommandsTest, StatusOfWhatWaitsForAnotherStatementSaysSo) {
  MakeKey("bob");
  MakeFirst({"--signer", "bob=bob.pub"});
  Write("repo/packages/K/kafka/57/package.json", kPackage);
  ASSERT_EQ(Run({"package", "record", ".", "kafka"}), 0) << err;
  Sign("trust/kafka/000002.stmt", "bob");
  ASSERT_EQ(Run({"package", "status", "."}), 0) << err;
  EXPECT_THAT(out, HasSubstr("release 57: pending, 1 of 1 signed (bob)\n"
                             "    record.chain: waits for "
                             "trust/kafka/000001.stmt\n"));
}

TEST_F(PackageCommandsTest, StatusOfNothingSaysWhatComesFirst) {
  EXPECT_EQ(Run({"package", "status", "."}), 4);
  EXPECT_EQ(out, "");
  EXPECT_THAT(err, AllOf(HasSubstr("there are no statements below"),
                         HasSubstr("orrery package keyset")));
  EXPECT_EQ(Run({"package", "status", "/nope"}), 4);
  EXPECT_THAT(err, HasSubstr("/nope/trust"));
}

TEST_F(PackageCommandsTest, StatusFailsWhenAStatementIsRefused) {
  MakeSignedFirst();
  EXPECT_EQ(Run({"package", "status", "."}), 0) << err;
  Write("trust/kafka/000003.stmt", "x\n");
  EXPECT_EQ(Run({"package", "status", "."}), 4);
  EXPECT_THAT(out, HasSubstr("record.chain"));
  Remove("trust/kafka/000003.stmt");
  Write(std::string(kFirst) + ".sig", "x\n");
  EXPECT_EQ(Run({"package", "status", "."}), 4);
  EXPECT_THAT(out, HasSubstr("keyset 1: refused, 0 of 1 signed"));
}

TEST_F(PackageCommandsTest, LintWarnsOfMissingSignaturesAndRefusesOtherFiles) {
  MakeKey("bob");
  ASSERT_EQ(Keyset({"--signer", "bob=bob.pub", "--repo", kRepo, "--log",
                    "registry.example/main"}),
            0)
      << err;
  EXPECT_EQ(Run({"package", "lint", "."}), 0) << out << err;
  EXPECT_THAT(out, HasSubstr("trust/kafka/000001.stmt: warn record.threshold"));
  ASSERT_EQ(Run({"package", "sign", kFirst, "--key", "bob"}), 0) << err;
  Write("repo/packages/K/kafka/57/package.json", kPackage);
  ASSERT_EQ(Run({"package", "record", ".", "kafka"}), 0) << err;
  ASSERT_EQ(Run({"package", "sign", "trust/kafka/000002.stmt", "--key", "bob"}),
            0)
      << err;
  EXPECT_EQ(Run({"package", "lint", ".", "--profile", "import"}), 0) << out;
  Write("repo/packages/K/kafka/57/config.json", "{}");
  EXPECT_EQ(Run({"package", "lint", ".", "--profile", "import"}), 1);
  EXPECT_THAT(out, AllOf(HasSubstr("error content.digest"),
                         HasSubstr("config.json is new")));
}

}  // namespace
}  // namespace orrery::cli
