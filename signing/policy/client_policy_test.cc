#include "signing/policy/client_policy.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "signing/example_testing.h"
#include "signing/policy/client_policy_parser.h"
#include "signing/refusal_matchers.h"

namespace orrery::signing {
namespace {

using ::testing::ElementsAre;

constexpr char kHash[] =
    "sha256:f8181357fef13fedfe236b25c3ec2aaa644cb680edb8177428368077596979fc";
constexpr char kFingerprint[] =
    "SHA256:QcOIhLFjMfVH59ODkjBo6bJJJrsbd6NubkSh0ZMamGs";

constexpr char kRegistry[] =
    "policy 1\n"
    "registry public https://registry.example/main\n"
    "  tlog-policy public.tlog-policy\n"
    "  names-file public.names\n";

// §12.3, "A repository of unsigned Universe packages".
constexpr char kTwoRegistries[] =
    "policy 1\n"
    "registry public https://registry.example/main\n"
    "  tlog-policy public.tlog-policy\n"
    "  names-file public.names\n"
    "  mirror https://mirror.corp.example/orrery\n"
    "  witnesses timestamper\n"
    "registry corp https://pkgs.corp.example\n"
    "  tlog-policy corp.tlog-policy\n"
    "  names-file corp.names\n"
    "  witnesses timestamper\n"
    "  uses public\n"
    "names corp   acme/ acme-*\n"
    "names public *\n"
    "require *     evidence observed\n"
    "require kafka evidence sshsig threshold 1\n"
    "require acme/ evidence sshsig threshold 2 min-age 72h revisions refuse\n"
    "deny key SHA256:QcOIhLFjMfVH59ODkjBo6bJJJrsbd6NubkSh0ZMamGs\n";

ClientPolicy Parse(const std::string& text) {
  auto policy = ParseClientPolicy(text);
  EXPECT_THAT(policy, IsOk()) << text;
  return *std::move(policy);
}

ClientPolicy With(absl::string_view lines) {
  return Parse(absl::StrCat(kRegistry, lines));
}

// trust.md §26.
TEST(ClientPolicyTest, ReadsThatOfTheExample) {
  const ClientPolicy policy = Parse(ExampleFile("policy"));
  ASSERT_EQ(policy.registries().size(), 1u);
  EXPECT_EQ(policy.registries()[0].url, "https://registry.example/main");
  EXPECT_EQ(policy.DemandsOn("kafka").evidence.value, Evidence::kSshsig);
  EXPECT_EQ(policy.DemandsOn("hello-world").evidence.value,
            Evidence::kObserved);
}

TEST(ClientPolicyTest, ReadsTwoRegistries) {
  const ClientPolicy policy = Parse(kTwoRegistries);
  ASSERT_EQ(policy.registries().size(), 2u);
  const RegistryPolicy& registry = *policy.FindRegistry("public");
  EXPECT_EQ(registry.tlog_policy_file, "public.tlog-policy");
  EXPECT_EQ(registry.names_file, "public.names");
  EXPECT_THAT(registry.mirrors,
              ElementsAre("https://mirror.corp.example/orrery"));
  EXPECT_EQ(registry.max_age, absl::Hours(24));
  EXPECT_EQ(registry.offline_grace, absl::Hours(720));
  EXPECT_EQ(registry.witnesses, WitnessDemand::kTimestamper);
  EXPECT_THAT(policy.FindRegistry("corp")->uses, ElementsAre("public"));
  EXPECT_EQ(policy.FindRegistry("other"), nullptr);
  EXPECT_TRUE(policy.IsDeniedKey(kFingerprint));
  EXPECT_FALSE(policy.IsDeniedKey("SHA256:x"));
}

TEST(ClientPolicyTest, TakesEveryDirectiveAndOption) {
  With(absl::StrCat(
      "\tmirror http://mirror.example/x\n mirror file:///srv/mirror\n"
      "mirror ../mirror\nmax-age 90m\noffline-grace 0s\nwitnesses none\n"
      "uses public\n# comment\n\n"
      "names public/universe kafka acme-*\n"
      "require kafka keyset ",
      kHash,
      " names claimed\nrequire * import refuse yanked refuse pins required "
      "overlays add\nrequire spark names open\nrequire spark pins declared "
      "overlays none\ndeny package acme/\ndeny package acme/\n"
      "deny release kafka 57\ndeny key ",
      kFingerprint, "\n"));
}

// FR-42: a table of names, each with the line that decides.
TEST(ClientPolicyTest, RoutesByTheMostSpecificPatternAlone) {
  const ClientPolicy policy = Parse(kTwoRegistries);
  struct Case {
    const char* name;
    const char* registry;
    int64_t line;
  };
  for (const Case& c :
       {Case{"acme", "public", 13}, Case{"acmex-db", "public", 13},
        Case{"acme-db", "corp", 12}, Case{"acme/db", "corp", 12},
        Case{"acme/db-x", "corp", 12}, Case{"xacme-db", "public", 13}}) {
    const auto route = policy.RouteOf(c.name);
    ASSERT_THAT(route, IsOk());
    EXPECT_EQ(route->registry, c.registry) << c.name;
    EXPECT_EQ(route->line, c.line) << c.name;
  }
}

TEST(ClientPolicyTest, ANameWithoutARouteIsRefused) {
  const ClientPolicy policy = With("names public/universe kafka\n");
  EXPECT_THAT(policy.RouteOf("spark"), Refused(RefusalCode::kNameRouted));
  const auto route = policy.RouteOf("kafka");
  ASSERT_THAT(route, IsOk());
  EXPECT_EQ(route->source, "universe");
}

TEST(ClientPolicyTest, DeniesExactlyWhatIsNamed) {
  const ClientPolicy policy =
      With("deny package kafka\ndeny package acme-*\ndeny release spark 3\n");
  EXPECT_THAT(policy.CheckPackage("kafka"),
              RefusedAtLine(RefusalCode::kNameDenied, 5));
  EXPECT_THAT(policy.CheckPackage("kafka-zookeeper"), IsOk());
  EXPECT_THAT(policy.CheckPackage("acme-db"),
              RefusedAtLine(RefusalCode::kNameDenied, 6));
  EXPECT_THAT(policy.CheckPackage("acme/db"), IsOk());
  EXPECT_THAT(policy.CheckRelease("spark", 3),
              RefusedAtLine(RefusalCode::kNameDenied, 7));
  EXPECT_THAT(policy.CheckRelease("spark", 4), IsOk());
  EXPECT_THAT(policy.CheckRelease("spark-history", 3), IsOk());
}

TEST(ClientPolicyTest, WithoutRequireASignatureIsDemanded) {
  const Demands demands = With("").DemandsOn("kafka");
  EXPECT_EQ(demands.evidence.value, Evidence::kSshsig);
  EXPECT_EQ(demands.evidence.line, 0);
  EXPECT_EQ(demands.threshold.value, 1);
  EXPECT_EQ(demands.names.value, NameAnchor::kCurated);
  EXPECT_TRUE(demands.requires_pins.value);
  EXPECT_EQ(demands.overlays.value, OverlayUse::kNone);
  EXPECT_EQ(demands.min_age.value, absl::ZeroDuration());
  EXPECT_TRUE(demands.accepts_import.value);
  EXPECT_TRUE(demands.accepts_yanked.value);
  EXPECT_TRUE(demands.accepts_revisions.value);
}

TEST(ClientPolicyTest, ObservedEvidenceLoosensTheOtherDefaults) {
  const ClientPolicy policy = With(
      "require * evidence observed\nrequire kafka pins required\n"
      "require spark evidence sshsig\n");
  EXPECT_EQ(policy.DemandsOn("zk").names.value, NameAnchor::kOpen);
  EXPECT_FALSE(policy.DemandsOn("zk").requires_pins.value);
  EXPECT_EQ(policy.DemandsOn("zk").overlays.value, OverlayUse::kAdd);
  EXPECT_TRUE(policy.DemandsOn("kafka").requires_pins.value);
  EXPECT_TRUE(policy.DemandsOn("spark").requires_pins.value);
  EXPECT_EQ(policy.DemandsOn("spark").overlays.value, OverlayUse::kNone);
}

TEST(ClientPolicyTest, EachOptionIsDecidedByTheMostSpecificThatSetsIt) {
  const ClientPolicy policy = With(
      "require * evidence observed min-age 1h\n"
      "require kafka-* evidence sshsig\n"
      "require kafka min-age 2d\n"
      "require kafka-x threshold 2\n");
  const Demands kafka = policy.DemandsOn("kafka");
  EXPECT_EQ(kafka.evidence.value, Evidence::kObserved);
  EXPECT_EQ(kafka.evidence.line, 5);
  EXPECT_EQ(kafka.min_age.value, absl::Hours(48));
  EXPECT_EQ(kafka.min_age.line, 7);
  const Demands other = policy.DemandsOn("kafka-x");
  EXPECT_EQ(other.evidence.line, 6);
  EXPECT_EQ(other.min_age.line, 5);
  EXPECT_EQ(other.threshold.line, 8);
}

TEST(ClientPolicyTest, TheWitnessesThatAreAskedForMustBeInTheQuorum) {
  const auto timestamper = TlogPolicy::Parse(ExampleFile("tlog-policy"));
  ASSERT_THAT(timestamper, IsOk());
  std::string text = ExampleFile("tlog-policy");
  const std::string no_quorum =
      text.substr(0, text.find("quorum")) + "quorum none\n";
  const auto nobody = TlogPolicy::Parse(no_quorum);
  ASSERT_THAT(nobody, IsOk());
  std::string renamed = text;
  for (size_t at = renamed.find("timestamper "); at != std::string::npos;
       at = renamed.find("timestamper ", at)) {
    renamed.replace(at, 12, "outside ");
  }
  renamed.resize(renamed.find("quorum"));
  const auto outside = TlogPolicy::Parse(renamed + "quorum outside\n");
  ASSERT_THAT(outside, IsOk());
  struct Case {
    const char* line;
    const TlogPolicy& policy;
    bool fits;
  };
  for (const Case& c : {Case{"", *outside, true}, Case{"", *timestamper, false},
                        Case{"", *nobody, false},
                        Case{"witnesses required\n", *timestamper, false},
                        Case{"witnesses timestamper\n", *timestamper, true},
                        Case{"witnesses timestamper\n", *outside, true},
                        Case{"witnesses timestamper\n", *nobody, false},
                        Case{"witnesses none\n", *nobody, true},
                        Case{"witnesses none\n", *timestamper, true}}) {
    const ClientPolicy policy = With(c.line);
    const absl::Status fits = policy.registries()[0].CheckFits(c.policy);
    if (c.fits) {
      EXPECT_THAT(fits, IsOk()) << c.line;
    } else {
      EXPECT_THAT(fits, RefusedAtLine(RefusalCode::kPolicySyntax, 2)) << c.line;
    }
  }
}

// FR-38: "not there" is never "no demands".
TEST(ClientPolicyTest, ATlogPolicyWithoutALogDoesNotFit) {
  std::string text = ExampleFile("tlog-policy");
  const auto policy = TlogPolicy::Parse(text.substr(text.find('\n') + 1));
  ASSERT_THAT(policy, IsOk());
  EXPECT_THAT(
      With("witnesses timestamper\n").registries()[0].CheckFits(*policy),
      Refused(RefusalCode::kPolicySyntax));
}

TEST(ClientPolicyTest, RefusesWhatBreaksARule) {
  for (const std::string& lines : std::vector<std::string>{
           "unknown x\n", "policy 1\n", "Names public *\n", "names public *",
           "registry public https://other.example\n", "registry x\n",
           "registry X https://x\n", "registry x http://x.example\n",
           "registry x https://x y\n", "tlog-policy other\n",
           "names-file other\n", "max-age 24\n", "max-age 24H\n",
           "max-age -1h\n", "max-age h\n", "max-age 01h\n", "max-age 1.5h\n",
           "max-age 99999999999d\n", "max-age 1h\nmax-age 1h\n",
           "offline-grace 1h 2h\n", "witnesses some\n",
           "witnesses none\nwitnesses none\n", "mirror ftp://x\n", "mirror\n",
           "mirror file://host/x\n", "uses nobody\n",
           "uses public\nuses public\n", "names nobody *\n", "names public\n",
           "names public/ *\n", "names public/a/b *\n", "names public acme*\n",
           "names public *\nnames public *\n", "names public * *\n",
           "names public kafka\nnames public/universe kafka\n",
           // Behind the block: no line of a registry.
           "names public *\nmirror /x\n", "require *\n", "require kafka\n",
           "require * evidence\n", "require * evidence gpg\n",
           "require * evidence observed evidence observed\n",
           "require * evidence observed\nrequire * evidence sshsig\n",
           "require * threshold 0\n", "require * threshold x\n",
           "require * threshold 33\n", "require * names any\n",
           "require * import yes\n", "require * yanked maybe\n",
           "require * revisions none\n", "require * pins\n",
           "require * overlays all\n", "require * min-age 1\n",
           "require acme* evidence observed\n",
           absl::StrCat("require * keyset ", kHash, "\n"),
           absl::StrCat("require acme/ keyset ", kHash, "\n"),
           "require kafka keyset sha256:x\n", "deny\n", "deny kafka\n",
           "deny package\n", "deny package kafka spark\n",
           "deny release kafka\n", "deny release kafka 01\n",
           "deny release kafka-* 1\n", "deny key x\n"}) {
    EXPECT_THAT(ParseClientPolicy(absl::StrCat(kRegistry, lines)),
                Refused(RefusalCode::kPolicySyntax))
        << lines;
  }
}

// FR-38, §25 G11.
TEST(ClientPolicyTest, RefusesWhatIsNotWhole) {
  for (const std::string text :
       {"", "\n", "# policy 1\n", "policy 2\n", "policy\n", "policy 1 x\n",
        "registry public https://registry.example\n", "policy 1",
        "policy 1\ntlog-policy x\n",
        "policy 1\nregistry a https://a\nnames-file n\n",
        "policy 1\nregistry a https://a\ntlog-policy t\nnames a *\n",
        "policy 1\nregistry a https://a\nregistry b https://b\n"}) {
    EXPECT_THAT(ParseClientPolicy(text), Refused(RefusalCode::kPolicySyntax))
        << text;
  }
}

// What would narrow, or comes from elsewhere, is refused by whoever cannot do
// it.
TEST(ClientPolicyTest, RefusesWhatIsNotSupportedYet) {
  for (const std::string line :
       {"root root.json", "approve plan threshold 1 signers x",
        "require * overlays replace", "require * sk-pin",
        "require * evidence sshsig sk-pin threshold 2",
        "require * attestation slsa builder https://b"}) {
    EXPECT_THAT(ParseClientPolicy(absl::StrCat(kRegistry, line, "\n")),
                RefusedAtLine(RefusalCode::kPolicySyntax, 5))
        << line;
  }
}

TEST(ClientPolicyTest, AMissingLineIsReportedAtItsRegistry) {
  EXPECT_THAT(ParseClientPolicy("policy 1\nregistry a https://a\n"
                                "names-file n\n\nnames a *\n"),
              RefusedAtLine(RefusalCode::kPolicySyntax, 2));
}

}  // namespace
}  // namespace orrery::signing
