#include "signing/record/record_parser.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "signing/example_testing.h"
#include "signing/refusal_matchers.h"
#include "signing/ssh/low_order_points.h"
#include "signing/ssh/ssh_wire.h"

namespace orrery::signing {
namespace {

constexpr char kZeros[] =
    "0000000000000000000000000000000000000000000000000000000000000000";
constexpr char kOnes[] =
    "1111111111111111111111111111111111111111111111111111111111111111";

std::string Head(absl::string_view kind, absl::string_view subject) {
  return absl::StrCat("orrery/record/v1\nkind ", kind,
                      "\nlog registry.example/main\n", subject);
}

std::string Position() {
  return absl::StrCat("seq 1\nprev sha256:", kZeros, "\n");
}

std::string Distrust() {
  return absl::StrCat(
      Head("distrust", "package kafka\n"), Position(),
      "keyset 1 sha256:", kOnes,
      "\nkey SHA256:QcOIhLFjMfVH59ODkjBo6bJJJrsbd6NubkSh0ZMamGs\nfrom 2\nto "
      "5\nreason the laptop is gone\n");
}

std::string Restored() {
  return absl::StrCat(Head("restored", "package hello-world\n"), Position(),
                      "source universe sha256:", kOnes,
                      "\ndocument sha256:", kOnes,
                      "\nrelease 0\nrevision 2\ntree "
                      "h1:NMidYWQzHaxEgqqwZDKhKwEIfALKqMZxjbzZUUKP5NU=\n");
}

std::string JsonSource() {
  return absl::StrCat(Head("source", "source docs\n"), Position(),
                      "json https://universe.example/repo\nlayout "
                      "universe-json\nrole overlay universe\npriority "
                      "999999\nmode immutable\nadmit none\n");
}

// `text` with `from` once replaced.
std::string With(absl::string_view text, absl::string_view from,
                 absl::string_view to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, absl::string_view::npos) << from;
  return absl::StrCat(text.substr(0, at), to, text.substr(at + from.size()));
}

std::vector<std::string> EveryKind() {
  std::vector<std::string> statements = {Distrust(), Restored(), JsonSource()};
  for (int i = 0; i < kExampleLeaves; ++i) {
    statements.push_back(ExampleStatement(i));
  }
  return statements;
}

TEST(RecordParserTest, PrintGivesTheBytesOfEveryKindAgain) {
  for (const std::string& statement : EveryKind()) {
    const auto record = ParseRecord(statement);
    ASSERT_THAT(record, IsOk()) << statement;
    EXPECT_EQ(PrintRecord(*record), statement);
  }
}

TEST(RecordParserTest, ReadsTheReleaseOfTheExample) {
  const auto record = ParseRecord(ExampleStatement(5));
  ASSERT_THAT(record, IsOk());
  EXPECT_EQ(record->kind, RecordKind::kRelease);
  EXPECT_THAT(record->logs, testing::ElementsAre("registry.example/main"));
  EXPECT_EQ(record->package, "kafka");
  EXPECT_EQ(record->seq, 2);
  const auto& release = std::get<ReleaseRecord>(record->body);
  EXPECT_EQ(release.keyset.number, 1);
  EXPECT_EQ(release.content.release, 57);
  EXPECT_EQ(release.content.version, "2.6.0-2.2.1");
  ASSERT_EQ(release.content.files.size(), 3u);
  EXPECT_EQ(release.content.files[2].path, "relations.json");
  EXPECT_EQ(release.content.files[2].bytes, 64);
  ASSERT_EQ(release.content.images.size(), 1u);
  EXPECT_EQ(release.content.images[0].reference,
            "docker.io/example/kafka:2.2.1");
  EXPECT_THAT(release.content.requirements,
              testing::ElementsAre("kafka-zookeeper >=2.6"));
}

TEST(RecordParserTest, ReadsTheKeysetOfTheExample) {
  const auto record = ParseRecord(ExampleStatement(4));
  ASSERT_THAT(record, IsOk());
  const auto& keyset = std::get<KeysetRecord>(record->body);
  EXPECT_EQ(keyset.keyset_threshold, 2);
  ASSERT_EQ(keyset.signers.size(), 2u);
  EXPECT_EQ(keyset.signers[1].principal, "bob@example.org");
  EXPECT_THAT(keyset.signers[1].namespaces,
              testing::ElementsAre("keyset@orrery", "release@orrery"));
  EXPECT_EQ(keyset.signers[1].key.type(), "ecdsa-sha2-nistp256");
}

// No line may be missing, stand twice, or change places with the next.
TEST(RecordParserTest, EveryLineStandsOnceInItsPlace) {
  for (const std::string& statement : EveryKind()) {
    const std::vector<std::string> lines = absl::StrSplit(
        absl::string_view(statement).substr(0, statement.size() - 1), '\n');
    for (size_t i = 0; i < lines.size(); ++i) {
      std::string missing, twice, swapped;
      for (size_t j = 0; j < lines.size(); ++j) {
        if (j != i) missing += lines[j] + "\n";
        twice += lines[j] + "\n";
        if (j == i) twice += lines[j] + "\n";
        const size_t from = j == i ? i + 1 : j == i + 1 ? i : j;
        if (i + 1 < lines.size()) swapped += lines[from] + "\n";
      }
      const std::string keyword = lines[i].substr(0, lines[i].find(' '));
      const bool is_optional =
          keyword == "asset" || keyword == "image" || keyword == "requires";
      EXPECT_EQ(ParseRecord(missing).ok(), is_optional) << missing;
      EXPECT_THAT(ParseRecord(twice), Refused(RefusalCode::kRecordSyntax))
          << twice;
      if (i + 1 < lines.size()) {
        EXPECT_THAT(ParseRecord(swapped), Refused(RefusalCode::kRecordSyntax))
            << swapped;
      }
    }
  }
}

TEST(RecordParserTest, NothingStandsBehindTheLastLine) {
  for (const std::string& statement : EveryKind()) {
    EXPECT_THAT(ParseRecord(statement + "comment x\n"),
                Refused(RefusalCode::kRecordSyntax));
    EXPECT_THAT(ParseRecord(statement.substr(0, statement.size() - 1)),
                Refused(RefusalCode::kRecordSyntax));
  }
}

struct Change {
  const char* name;
  std::string statement;
  std::string from;
  std::string to;
};

std::string Show(const Change& change) {
  return absl::StrCat(change.name, ": '", change.from, "' -> '", change.to,
                      "'");
}

// Leaf numbers of the example.
constexpr int kSource = 0;
constexpr int kObserved = 1;
constexpr int kIndex = 2;
constexpr int kKeyset = 4;
constexpr int kRelease = 5;
constexpr int kYank = 9;

TEST(RecordParserTest, TakesWhatTheRulesAllow) {
  const std::string source = ExampleStatement(kSource);
  const std::string keyset = ExampleStatement(kKeyset);
  const Change changes[] = {
      {"two logs", keyset, "log registry.example/main\n",
       "log a.example\nlog registry.example/main\n"},
      {"a tip", source, "admit observed\n",
       "admit observed\ntip 8f1d4cf0a1a5b0e3c7d2f69b54e0a7713c9e2b68\n"},
      {"a directory", source, "version-3.x .\n", "version-3.x a/b\n"},
      {"a local source", source, "https://git.example/universe.git",
       "file:///srv/universe"},
      {"a mode", keyset, "mode immutable", "mode mutable"},
      {"a gate", keyset, "gate none", "gate first-parent"},
      {"a gate", keyset, "gate none", "gate all"},
      {"one revision", ExampleStatement(kYank), "revision all", "revision 7"},
      {"the highest release", ExampleStatement(kYank), "release 57",
       "release 9223372036854775807"},
      {"spaces in a reason", ExampleStatement(kYank), "broker loses",
       "broker  loses"},
      {"an admission", source, "admit observed", "admit sshsig"},
      {"the first leaf", ExampleStatement(kIndex), "size 2", "size 0"},
  };
  for (const Change& change : changes) {
    const std::string statement =
        With(change.statement, change.from, change.to);
    const auto record = ParseRecord(statement);
    ASSERT_THAT(record, IsOk()) << Show(change);
    EXPECT_EQ(PrintRecord(*record), statement);
  }
}

TEST(RecordParserTest, RefusesFieldsThatBreakTheirRule) {
  const std::string source = ExampleStatement(kSource);
  const std::string observed = ExampleStatement(kObserved);
  const std::string index = ExampleStatement(kIndex);
  const std::string keyset = ExampleStatement(kKeyset);
  const std::string release = ExampleStatement(kRelease);
  const std::string yank = ExampleStatement(kYank);
  const std::string log = "log registry.example/main\n";
  const Change changes[] = {
      {"version", source, "record/v1", "record/v2"},
      {"kind", source, "kind source", "kind continues"},
      {"kind", source, "kind source", "kind Source"},
      {"log", source, log, "log Registry.example/main\n"},
      {"logs of a registry record", source, log,
       "log a.example\nlog registry.example/main\n"},
      {"logs that do not ascend", keyset, log,
       "log registry.example/main\nlog a.example\n"},
      {"a log twice", keyset, log, log + log},
      {"five logs", keyset, log,
       "log a.example\nlog b.example\nlog c.example\nlog d.example\n" + log},
      {"package", observed, "package hello-world", "package Hello-world"},
      {"a scope's keyset", keyset, "package kafka", "package acme/"},
      {"source id", source, "source universe", "source Universe"},
      {"seq", source, "seq 1", "seq 0"},
      {"seq", source, "seq 1", "seq 01"},
      {"seq", source, "seq 1", "seq +1"},
      {"seq", source, "seq 1", "seq 1000000"},
      {"prev", source, "prev sha256:", "prev sha512:"},
      {"prev", source, "prev sha256:0", "prev sha256:A"},
      {"ref", source, "refs/heads/version-3.x", "refs/tags/version-3.x"},
      {"url", source, "https://git.example", "http://git.example"},
      {"url", source, "https://git.example", "https://u:p@git.example"},
      {"dir", source, "version-3.x .", "version-3.x .."},
      {"dir", source, "version-3.x .", "version-3.x"},
      {"layout", source, "layout universe", "layout universe-json"},
      {"role", source, "role base", "role overlay"},
      {"role", source, "role base", "role overlay Universe"},
      {"role", source, "role base", "role base x"},
      {"priority", source, "priority 100", "priority 1000000"},
      {"mode", source, "mode mutable", "mode none"},
      {"admit", source, "admit observed", "admit all"},
      {"tip of a document", JsonSource(), "admit none\n",
       "admit none\ntip 8f1d4cf0a1a5b0e3c7d2f69b54e0a7713c9e2b68\n"},
      {"json url", JsonSource(), "https://", "http://"},
      {"commit", observed, "commit 8f", "commit 8F"},
      {"commit and document", observed, "commit 8f1d",
       absl::StrCat("document sha256:", kOnes, "\ncommit 8f1d")},
      {"revision", observed, "revision 1\n", "revision 0\n"},
      {"revision", observed, "revision 1\n", "revision 1000000\n"},
      {"replaces of revision 1", observed, "version 1.0.0",
       "replaces h1:+9TiLm+LhWsO/6osgRYH6RijmF5B00bcb6GvpKa/pgg=\nversion "
       "1.0.0"},
      {"no replaces of revision 2", observed, "revision 1\n", "revision 2\n"},
      {"release", observed, "release 0", "release 9223372036854775808"},
      {"version label", observed, "version 1.0.0", "version 1 0 0"},
      {"a tree of other files", observed, " 37 marathon", " 37 Marathon"},
      {"a tree of another release", observed, "release 0", "release 1"},
      {"tree", observed, "pgg=\n", "pgh=\n"},
      {"file order", observed, " 37 marathon", " 37 zarathon"},
      {"file size", observed, " 37 ", " 037 "},
      {"file size", observed, " 37 ", " 1048577 "},
      {"file path", observed, " marathon.json", " ../marathon.json"},
      {"asset size", release, " 20 bootstrap", " -1 bootstrap"},
      {"asset url", release, "https://downloads", "ftp://downloads"},
      {"image without digest", release, "@sha256:5d", "@sha512:5d"},
      {"image without digest", release, ":2.2.1@sha256", ":2.2.1-sha256"},
      {"keyset reference", release, "keyset 1 sha256", "keyset 0 sha256"},
      {"keyset reference", yank, "keyset 1 sha256:", "keyset 1 "},
      {"yanked revision", yank, "revision all", "revision ALL"},
      {"yanked revision", yank, "revision all", "revision 0"},
      {"reason", yank, "reason broker", "reason  broker"},
      {"distrusted range", Distrust(), "from 2\nto 5", "from 5\nto 2"},
      {"distrusted range", Distrust(), "from 2", "from 0"},
      {"distrusted key", Distrust(), "key SHA256:", "key "},
      {"size", index, "size 2", "size 02"},
      {"time", index, "time 1795344000", "time -1"},
      {"catalog", index, " 377", " 268435457"},
      {"catalog", index, " 377", ""},
      {"keyset number", keyset, "keyset 1\n", "keyset 0\n"},
      {"threshold", keyset, "threshold keyset 2", "threshold keyset 0"},
      {"threshold", keyset, "threshold keyset 2", "threshold keyset 3"},
      {"threshold", keyset, "threshold release 1", "threshold release -1"},
      {"threshold", keyset, "threshold yank 1", "threshold yank 01"},
      // Of two principals one may yank.
      {"threshold", keyset, "threshold yank 1", "threshold yank 2"},
      {"gate", keyset, "gate none", "gate some"},
      {"principal", keyset, "signer alice@example.org", "signer *"},
      {"namespaces", keyset, "keyset@orrery,release@orrery,yank@orrery",
       "release@orrery,keyset@orrery,yank@orrery"},
      {"namespaces", keyset, "keyset@orrery,release@orrery,yank@orrery",
       "keyset@orrery,keyset@orrery,yank@orrery"},
      {"namespaces", keyset, "release@orrery,yank@orrery", "*@orrery"},
      {"namespaces", keyset, "release@orrery,yank@orrery", "plan@orrery"},
      {"namespaces", keyset, "keyset@orrery,release@orrery,yank@orrery", ""},
      {"options", keyset, "signer alice@example.org namespaces=",
       "signer alice@example.org cert-authority,namespaces="},
      {"key type", keyset, "\" ssh-ed25519 ", "\" ssh-rsa "},
      {"an OpenPGP key", keyset, "signer alice", "openpgp x\nsigner alice"},
      {"a repo twice", keyset, "repo https://git.example/universe.git",
       "repo https://git.example/universe.git refs/heads/version-3.x\nrepo "
       "https://git.example/universe.git"},
  };
  for (const Change& change : changes) {
    EXPECT_THAT(ParseRecord(With(change.statement, change.from, change.to)),
                Refused(RefusalCode::kRecordSyntax))
        << Show(change);
  }
}

TEST(RecordParserTest, ACommentBehindAKeyIsRefused) {
  const std::string keyset = ExampleStatement(kKeyset);
  EXPECT_THAT(ParseRecord(With(keyset, "\nsigner bob", " alice\nsigner bob")),
              Refused(RefusalCode::kRecordSyntax));
}

TEST(RecordParserTest, SignersAscendAndNoKeyStandsTwice) {
  const std::string keyset = ExampleStatement(kKeyset);
  EXPECT_THAT(ParseRecord(With(keyset, "signer alice@", "signer zoe@")),
              Refused(RefusalCode::kRecordSyntax));
  const size_t begin = keyset.find("signer alice");
  const size_t end = keyset.find("signer bob");
  const std::string alice = keyset.substr(begin, end - begin);
  EXPECT_THAT(ParseRecord(With(keyset, "signer bob",
                               With(alice, "alice@", "amy@") + "signer bob")),
              Refused(RefusalCode::kRecordSyntax));
}

// trust.md §7.4: a low-order key verifies anything.
TEST(RecordParserTest, AWeakKeyIsRefusedAsSuch) {
  const std::string weak =
      "AAAAC3NzaC1lZDI1NTE5AAAAIAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  const std::string keyset = With(ExampleStatement(kKeyset),
                                  "AAAAC3NzaC1lZDI1NTE5AAAAIOGh1g+"
                                  "m8totEiTK5OZgq9q0HbmY3GNWumD5Osib8Itr",
                                  weak);
  EXPECT_THAT(ParseRecord(keyset),
              RefusedAtLine(RefusalCode::kRecordKeyWeak, 12));
  // §14.2: syntax comes before meaning.
  EXPECT_THAT(ParseRecord(keyset + "gate all\n"),
              RefusedAtLine(RefusalCode::kRecordSyntax, 16));
  EXPECT_THAT(ParseRecord(With(keyset, "gate none", "gate some")),
              RefusedAtLine(RefusalCode::kRecordSyntax, 15));
  EXPECT_THAT(ParseRecord(With(keyset, "signer bob@", "signer ada@")),
              RefusedAtLine(RefusalCode::kRecordSyntax, 13));
  EXPECT_THAT(
      ParseRecord(With(keyset, "threshold keyset 2", "threshold keyset 3")),
      Refused(RefusalCode::kRecordSyntax));
}

TEST(RecordParserTest, AKeysetHasNoKeyOfLowOrder) {
  const std::string keyset = ExampleStatement(kKeyset);
  const size_t begin = keyset.find("ssh-ed25519 ");
  const size_t end = keyset.find("\nsigner bob");
  const auto with_key = [&](absl::string_view type, const std::string& blob) {
    return absl::StrCat(keyset.substr(0, begin), type, " ",
                        absl::Base64Escape(blob), keyset.substr(end));
  };
  for (const char* const encoding : kLowOrder) {
    std::string blob;
    AppendSshString("ssh-ed25519", blob);
    AppendSshString(absl::HexStringToBytes(encoding), blob);
    EXPECT_THAT(ParseRecord(with_key("ssh-ed25519", blob)),
                RefusedAtLine(RefusalCode::kRecordKeyWeak, 12))
        << encoding;
    constexpr absl::string_view kSecurityKey = "sk-ssh-ed25519@openssh.com";
    std::string sk_blob;
    AppendSshString(kSecurityKey, sk_blob);
    AppendSshString(absl::HexStringToBytes(encoding), sk_blob);
    AppendSshString("ssh:", sk_blob);
    EXPECT_THAT(ParseRecord(with_key(kSecurityKey, sk_blob)),
                RefusedAtLine(RefusalCode::kRecordKeyWeak, 12))
        << encoding;
  }
}

TEST(RecordParserTest, SaysTheLineAndTheRule) {
  const auto record = ParseRecord(
      With(ExampleStatement(kObserved), "version 1.0.0", "version 1/0"));
  EXPECT_THAT(record, RefusedAtLine(RefusalCode::kRecordSyntax, 11));
  EXPECT_THAT(record.status().message(),
              testing::HasSubstr("'1/0' is no version label"));
}

// An observed record of hello-world 0 with these paths, in this order.
std::string WithFiles(const std::vector<std::string>& paths) {
  std::vector<TreeHash::File> files;
  std::string lines;
  for (const std::string& path : paths) {
    files.push_back({path, Digest::Of(path)});
    absl::StrAppend(&lines, "file sha256:", Digest::Of(path).Hex(), " 1 ", path,
                    "\n");
  }
  const std::string statement = ExampleStatement(kObserved);
  return absl::StrCat(statement.substr(0, statement.find("tree ")), "tree ",
                      TreeHash::Of("hello-world", 0, files).Text(), "\n",
                      lines);
}

TEST(RecordParserTest, PathsStayApartWhereCaseDoesNotCount) {
  EXPECT_THAT(ParseRecord(WithFiles({"A", "b", "c/a", "c/b"})), IsOk());
  EXPECT_THAT(ParseRecord(WithFiles({"A", "a"})),
              Refused(RefusalCode::kRecordSyntax));
  EXPECT_THAT(ParseRecord(WithFiles({"C/x", "c/X"})),
              Refused(RefusalCode::kRecordSyntax));
  EXPECT_THAT(ParseRecord(WithFiles({"a", "a/b"})),
              Refused(RefusalCode::kRecordSyntax));
  EXPECT_THAT(ParseRecord(WithFiles({"A/b", "a"})),
              Refused(RefusalCode::kRecordSyntax));
  EXPECT_THAT(ParseRecord(WithFiles({"b", "a"})),
              Refused(RefusalCode::kRecordSyntax));
}

TEST(RecordParserTest, FilesHaveAtMost8MiBTogether) {
  std::vector<std::string> paths = {"a", "b", "c", "d", "e", "f", "g", "h"};
  const auto with_size = [&](absl::string_view last) {
    return With(
        absl::StrReplaceAll(WithFiles(paths), {{" 1 a\n", " 1048576 a\n"},
                                               {" 1 b\n", " 1048576 b\n"},
                                               {" 1 c\n", " 1048576 c\n"},
                                               {" 1 d\n", " 1048576 d\n"},
                                               {" 1 e\n", " 1048576 e\n"},
                                               {" 1 f\n", " 1048576 f\n"},
                                               {" 1 g\n", " 1048576 g\n"},
                                               {" 1 h\n", " 1048576 h\n"}}),
        " 1048576 h", last);
  };
  EXPECT_THAT(ParseRecord(with_size(" 1048576 h")), IsOk());
  paths.push_back("i");
  EXPECT_THAT(ParseRecord(with_size(" 1048575 h")), IsOk());
  EXPECT_THAT(ParseRecord(with_size(" 1048576 h")),
              Refused(RefusalCode::kRecordSyntax));
}

// Of assets, images and requirements.
TEST(RecordParserTest, OfEachOtherLineThereAreAtMost64) {
  const std::string observed = ExampleStatement(kObserved);
  const std::string digest = absl::StrCat("sha256:", kOnes);
  const auto with = [&](int count, const std::string& before,
                        const std::string& after) {
    std::string text = observed;
    for (int i = 0; i < count; ++i) {
      absl::StrAppend(&text, before, 100 + i, after, "\n");
    }
    return ParseRecord(text);
  };
  const std::pair<std::string, std::string> lines[] = {
      {absl::StrCat("asset ", digest, " 1 a"), " https://x"},
      {"image a", absl::StrCat(" x@", digest)},
      {"requires a", ""}};
  for (const auto& [before, after] : lines) {
    EXPECT_THAT(with(64, before, after), IsOk()) << before;
    EXPECT_THAT(with(65, before, after), Refused(RefusalCode::kRecordSyntax))
        << before;
  }
}

// A keyset of `count` principals, each with a key of its own.
std::string WithSigners(int count) {
  const std::string keyset = ExampleStatement(kKeyset);
  const size_t begin = keyset.find("signer ");
  std::string signers;
  for (int i = 0; i < count; ++i) {
    std::string blob;
    AppendSshString("ssh-ed25519", blob);
    AppendSshString(std::string(31, 'k') + static_cast<char>(i), blob);
    absl::StrAppend(&signers, "signer p", 100 + i,
                    " namespaces=\"keyset@orrery,release@orrery,yank@orrery\" "
                    "ssh-ed25519 ",
                    absl::Base64Escape(blob), "\n");
  }
  return absl::StrCat(keyset.substr(0, begin), signers,
                      keyset.substr(keyset.find("repo ")));
}

TEST(RecordParserTest, AKeysetHasAtMost32SignersAnd4Repos) {
  EXPECT_THAT(ParseRecord(WithSigners(32)), IsOk());
  EXPECT_THAT(ParseRecord(WithSigners(33)),
              Refused(RefusalCode::kRecordSyntax));
  const std::string keyset = ExampleStatement(kKeyset);
  std::string repos;
  for (int i = 1; i <= 3; ++i) {
    absl::StrAppend(&repos, "repo https://a.example/", i, " refs/heads/main\n");
  }
  EXPECT_THAT(ParseRecord(With(keyset, "repo ", repos + "repo ")), IsOk());
  EXPECT_THAT(
      ParseRecord(With(keyset, "repo ",
                       repos + "repo https://a.example/4 refs/heads/main\n"
                               "repo ")),
      Refused(RefusalCode::kRecordSyntax));
}

// §6.2: it counts once, however many keys it has.
TEST(RecordParserTest, APrincipalWithTwoKeysReachesNoThresholdOfTwo) {
  const std::string keyset = ExampleStatement(kKeyset);
  const size_t begin = keyset.find("signer alice");
  const size_t middle = keyset.find("signer bob");
  const size_t end = keyset.find("repo ");
  const std::string alone =
      absl::StrCat(keyset.substr(0, begin),
                   With(keyset.substr(middle, end - middle), "bob@", "alice@"),
                   keyset.substr(begin, middle - begin), keyset.substr(end));
  EXPECT_THAT(ParseRecord(alone), Refused(RefusalCode::kRecordSyntax));
  EXPECT_THAT(
      ParseRecord(With(alone, "threshold keyset 2", "threshold keyset 1")),
      IsOk());
}

TEST(RecordParserTest, AStatementHoldsAtMost256Files) {
  std::vector<std::string> paths;
  for (int i = 0; i < 257; ++i) paths.push_back(absl::StrCat(1000 + i));
  EXPECT_THAT(ParseRecord(WithFiles(paths)),
              Refused(RefusalCode::kRecordSyntax));
  paths.pop_back();
  EXPECT_THAT(ParseRecord(WithFiles(paths)), IsOk());
}

}  // namespace
}  // namespace orrery::signing
