#include "signing/field.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::signing {
namespace {

struct Rule {
  const char* name;
  absl::Status (*check)(absl::string_view);
  std::vector<std::string> right;
  std::vector<std::string> wrong;
};

absl::Status CheckDigest(absl::string_view text) {
  return ParseDigestField(text).status();
}

std::string Times(size_t count, absl::string_view text) {
  std::string all;
  for (size_t i = 0; i < count; ++i) all += std::string(text);
  return all;
}

class FieldTest : public testing::TestWithParam<Rule> {};

TEST_P(FieldTest, TakesWhatTheRuleAllows) {
  for (const std::string& text : GetParam().right) {
    EXPECT_THAT(GetParam().check(text), IsOk()) << text;
  }
}

TEST_P(FieldTest, RefusesTheRest) {
  for (const std::string& text : GetParam().wrong) {
    EXPECT_THAT(GetParam().check(text),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << text;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Rules, FieldTest,
    testing::Values(
        Rule{"PackageName",
             &CheckPackageName,
             {"ab", "kafka", "a0", "acme/db", "k-3", Times(64, "a"),
              Times(32, "s") + "/" + Times(64, "a")},
             {"", "a", "-ab", "ab-", "0a", "Kafka", "a_b", "a.b", "a/b",
              "acme/", "/db", "acme/db/x", "acme//db", "k\xC3\xA4se",
              Times(65, "a"), Times(33, "s") + "/ab", "ab ", "ab\n"}},
        Rule{"VersionLabel",
             &CheckVersionLabel,
             {"1", "1.0.0", "2.6.0-2.2.1", "1:2~a+b_c", Times(64, "1")},
             {"", "1 0", "1/0", "v\xC3\xA4", Times(65, "1"), "1\n"}},
        Rule{"Origin",
             &CheckOrigin,
             {"registry.example", "registry.example/main", "0.a:7070/A~b_c/d.e",
              "host", "a:1", "a-.b"},
             {"", "/main", "Registry.example", "registry.example/", "a//b",
              "-a", ".a", "a:", "a:123456", "a:1:2", "a:x", "a b", "a/b c",
              "a/b+c", Times(129, "a")}},
        Rule{
            "GitUrl",
            &CheckGitUrl,
            {"https://git.example/universe.git", "https://git.example:8443/u",
             "ssh://git@git.example/u.git", "ssh://git.example:22/~u/x.git",
             "https://[2001:db8::1]:8443/u", "file:///srv/git/u.git",
             "http://127.0.0.1:8080/u", "http://localhost/u", "http://[::1]/u"},
            {"",
             "git.example/u",
             "https://",
             "https:///u",
             "http://git.example/u",
             "http://127.0.0.1.evil.example/u",
             "http://[::1].evil.example/u",
             "http://[::2]/u",
             "http://[fe80::1]:7070/u",
             "http://127.1/u",
             "https://me@git.example/u",
             "https://me:secret@git.example/u",
             "ssh://me:secret@git.example/u",
             "ssh://-oProxyCommand=x/u",
             "ssh://-oProxyCommand=x@host/u",
             "ssh://git@-host/u",
             "https://-host/u",
             "file://host/u",
             "file:u",
             "ext::sh -c x",
             "git://git.example/u",
             "https://git.example/a b",
             "https://git.example/a\\b",
             "https://git.example/a\"b",
             "https://git.example:123456/u",
             "https://git.example:/u",
             "HTTPS://git.example/u",
             "https://git.example/" + Times(493, "a")}},
        Rule{"RegistryUrl",
             &CheckRegistryUrl,
             {"https://registry.example/main", "http://127.0.0.1:7070",
              "http://localhost:7070/x"},
             {"", "http://registry.example", "file:///srv/x", "ssh://host/x",
              "https://me@host/x", "registry.example", "https://"}},
        Rule{"AssetUrl",
             &CheckAssetUrl,
             {"https://x", "http://x/y", "https://x/" + Times(758, "a")},
             {"", "https://", "ftp://x", "x", "https://x y", "file:///x",
              "https://x/" + Times(759, "a"), "https://x\n"}},
        Rule{"Ref",
             &CheckRef,
             {"refs/heads/main", "refs/heads/version-3.x", "refs/heads/a/b_c",
              "refs/heads/" + Times(189, "a")},
             {"", "main", "refs/heads/", "refs/tags/v1", "refs/heads/a..b",
              "refs/heads/a//b", "refs/heads//a", "refs/heads/a/",
              "refs/heads/a.", "refs/heads/a.lock", "refs/heads/a b",
              "refs/heads/a~1", "refs/heads/" + Times(190, "a")}},
        Rule{"Commit",
             &CheckCommit,
             {Times(40, "a"), Times(64, "0")},
             {"", Times(39, "a"), Times(41, "a"), Times(63, "a"),
              Times(40, "A"), Times(40, "g")}},
        Rule{"Path",
             &CheckPath,
             {"package.json", "a/b/c", "A+B=C,d~e@f-_", "...a", "x.git",
              Times(15, "a/") + "a", Times(200, "a")},
             {"", "/a", "a/", "a//b", ".", "..", "a/..", "./a", ".git",
              "a/.GiT/b", "a.", "a./b", "...", "a\\b", "a b", "a:b", "\xC3\xA4",
              Times(16, "a/") + "a", Times(201, "a")}},
        Rule{"Id",
             &CheckId,
             {"a", "universe", "a-0-", Times(32, "a")},
             {"", "A", "0a", "-a", "a_b", "a.b", Times(33, "a")}},
        Rule{"Principal",
             &CheckPrincipal,
             {"alice@example.org", "0", "A.b_c@d+e-f", Times(64, "a")},
             {"", "@a", "*", "a*", "a?", "!a", "a,b", "a b", Times(65, "a")}},
        Rule{"FreeText",
             &CheckFreeText,
             {"x", "two  spaces", "~!\"", Times(200, "a")},
             {"", " x", "x ", "x\ty", "x\ny", "\xC3\xA4", Times(201, "a")}},
        Rule{"PinId",
             &CheckPinId,
             {"bootstrap-zip", "0", "A._-", Times(64, "a")},
             {"", "-a", ".a", "a/b", "a b", Times(65, "a")}},
        Rule{"ImageReference",
             &CheckImageReference,
             {"docker.io/example/kafka:2.2.1", "a", Times(255, "a")},
             {"", "/a", "a@b", "a b", Times(256, "a")}},
        Rule{"Requirement",
             &CheckRequirement,
             {"kafka-zookeeper >=2.6", "x", Times(512, "a")},
             {"", " x", "x ", "x\n", Times(513, "a")}},
        Rule{"Fingerprint",
             &CheckFingerprint,
             {"SHA256:QcOIhLFjMfVH59ODkjBo6bJJJrsbd6NubkSh0ZMamGs"},
             {"", "QcOIhLFjMfVH59ODkjBo6bJJJrsbd6NubkSh0ZMamGs",
              "sha256:QcOIhLFjMfVH59ODkjBo6bJJJrsbd6NubkSh0ZMamGs",
              "SHA256:QcOIhLFjMfVH59ODkjBo6bJJJrsbd6NubkSh0ZMamGs=",
              "SHA256:QcOIhLFjMfVH59ODkjBo6bJJJrsbd6NubkSh0ZMamGt",
              "SHA256:QcOIhLFjMfVH59ODkjBo6bJJJrsbd6NubkSh0ZMamG"}},
        Rule{"Digest",
             &CheckDigest,
             {"sha256:" + Times(64, "0"), "sha256:" + Times(32, "af")},
             {"", Times(64, "0"), "sha256:" + Times(63, "0"),
              "sha256:" + Times(65, "0"), "sha256:" + Times(32, "aF"),
              "SHA256:" + Times(64, "0"), "sha256: " + Times(64, "0")}}),
    [](const testing::TestParamInfo<Rule>& rule) { return rule.param.name; });

TEST(FieldTest, MessagesShowWhatWasWrittenWithoutItsControlCharacters) {
  EXPECT_THAT(CheckId("a\x1b[1m"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "'a\\x1b[1m' is no id of a source or registry: "
                       "[a-z][a-z0-9-]{0,31} is wanted"));
}

}  // namespace
}  // namespace orrery::signing
