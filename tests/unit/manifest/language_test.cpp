// Every rule of the language broken once: the exact place, message and hint.

#include <gmock/gmock.h>

#include "tests/unit/manifest/support.hpp"

namespace vmtool::manifest {
namespace {

struct Case {
  const char* text;
  std::vector<std::string> faults;
};

constexpr const char* kinds_hint = "kinds are VirtualMachine, Network, Volume, Image, Container";

class Language : public testing::TestWithParam<Case> {};

TEST_P(Language, IsRefusedWithPlaceAndHint) {
  EXPECT_EQ(faults_of(read_text(GetParam().text)), GetParam().faults) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Frame, Language,
    testing::Values(Case{"name: x\n", {std::string("1:1: key 'kind' is missing (") + kinds_hint + ")"}},
                    Case{"kind: Pod\nname: x\n", {std::string("1:7: unknown kind 'Pod' (") + kinds_hint + ")"}},
                    Case{"kind: Volum\nname: x\n",
                         {std::string("1:7: unknown kind 'Volum' (did you mean 'Volume'? ") + kinds_hint + ")"}},
                    Case{"kind:\nname: x\n", {"1:1: 'kind' has no value (give it one, or remove the key)"}},
                    Case{"kind: [Volume]\n", {"1:7: 'kind' must be text, not a list"}},
                    Case{"kind: VirtualMachine\n", {"1:1: key 'name' is missing (add 'name' (text))"}},
                    Case{"apiVersion: v1\nkind: VirtualMachine\nname: x\n",
                         {"1:13: 'v1' is not a version of this language (write vmtool/v1, or leave the key out)"}},
                    Case{"- a\n",
                         {"1:1: a document must be a mapping, not a list (begin with 'kind: …' and 'name: …')"}},
                    Case{"kind: VirtualMachine\nname: x\n---\nfoo\n",
                         {"4:1: a document must be a mapping, not text (begin with 'kind: …' and 'name: …')"}}));

INSTANTIATE_TEST_SUITE_P(
    Keys, Language,
    testing::Values(
        Case{"kind: Volume\nname: v\ncapcity: 1GiB\ncapacity: 1GiB\n",
             {"3:1: unknown key 'capcity' (did you mean 'capacity'?)"}},
        Case{"kind: Image\nname: v\nsource: {file: /a, sha: b}\n", {"3:20: unknown key 'sha' (known keys: file)"}},
        Case{"kind: VirtualMachine\nname: v\nname: w\n",
             {"3:1: key 'name' is given twice (it stands in line 2 already)"}},
        Case{"kind: VirtualMachine\nname: v\ncpu: {count: 1, count: 2}\n",
             {"3:17: key 'count' is given twice (it stands in line 3 already)"}},
        Case{"kind: VirtualMachine\nname: v\n<<: {memory: {size: 1GiB}}\n",
             {"3:1: unknown key '<<' (merge keys are not part of the language: inherit from a template with 'base')"}},
        Case{"kind: VirtualMachine\nname: v\n? [a]\n: b\n", {"3:3: a key must be text, not a list"}},
        Case{"kind: VirtualMachine\nname: v\nuuid: 0\n",
             {"3:1: unknown key 'uuid' (known keys: apiVersion, kind, base, name, labels, "
              "domainType, machine, firmware, boot, cpu, memory, disks, interfaces, cloudInit, graphics, console, rng, "
              "guestAgent, autostart, "
              "stopTimeout, onPoweroff, onReboot, onCrash, protected, xml)"}},
        Case{"kind: VirtualMachine\nname: v\ndisks: [{name: d, capacity: 1GiB, path: /x}]\n",
             {"3:35: unknown key 'path' (known keys: name, image, volume, backing, capacity, format, pool, "
              "preallocation, bus, cache, io, "
              "discard, bootOrder, serial, readOnly)"}},
        Case{"kind: VirtualMachine\nname: v\nconsole: {log: true, logPath: /x}\n",
             {"3:22: unknown key 'logPath' (known keys: log)"}},
        Case{"kind: VirtualMachine\nname: !!str v\n",
             {"2:7: tag 'tag:yaml.org,2002:str' is not supported (remove it: every key knows its own type)"}}));

INSTANTIATE_TEST_SUITE_P(
    Types, Language,
    testing::Values(
        Case{"kind: VirtualMachine\nname: v\nmemory: {size: 4096}\n",
             {"3:16: '4096' is not a size: it has no unit (write 4096GiB or 4096MiB)"}},
        Case{"kind: VirtualMachine\nname: v\nmemory: 4GiB\n", {"3:9: 'memory' must be a mapping, not text"}},
        Case{"kind: VirtualMachine\nname: v\ndisks: {name: a}\n", {"3:8: 'disks' must be a list, not a mapping"}},
        Case{"kind: VirtualMachine\nname: v\ndisks: [a]\n", {"3:9: 'disks[0]' must be a mapping, not text"}},
        Case{"kind: VirtualMachine\nname: v\ndisks:\n", {"3:1: 'disks' has no value (give it one, or remove the key)"}},
        Case{"kind: VirtualMachine\nname: v\ndisks:\n  -\n  - {name: a, capacity: 1GiB}\n",
             {"4:3: 'disks[0]' has no value (give it one, or remove the key)"}},
        Case{"kind: VirtualMachine\nname: v\nmachine: ~\n",
             {"3:1: 'machine' has no value (give it one, or remove the key)"}},
        Case{"kind: VirtualMachine\nname: v\nmachine: \"\"\n",
             {"3:10: the text is empty (give it a value, or remove the key)"}},
        Case{"kind: VirtualMachine\nname: v\nautostart: yes\n", {"3:12: 'yes' is not true or false (write true)"}},
        Case{"kind: VirtualMachine\nname: v\nautostart: off\n", {"3:12: 'off' is not true or false (write false)"}},
        Case{"kind: VirtualMachine\nname: v\nautostart: True\n", {"3:12: 'True' is not true or false (write true)"}},
        Case{"kind: VirtualMachine\nname: v\nautostart: 2\n", {"3:12: '2' is not true or false (write true or false)"}},
        Case{"kind: VirtualMachine\nname: v\ncpu: {count: 0755}\n",
             {"3:14: '0755' is not a decimal number: it has a leading zero (write 755)"}},
        Case{"kind: VirtualMachine\nname: v\ncpu: {count: 0x10}\n",
             {"3:14: '0x10' is not a whole number (write decimal digits only)"}},
        Case{"kind: VirtualMachine\nname: v\ncpu: {count: -1}\n",
             {"3:14: '-1' is not a whole number (write decimal digits only)"}},
        Case{"kind: VirtualMachine\nname: v\ncpu: {count: 4294967296}\n",
             {"3:14: '4294967296' is not a whole number that fits (the largest is 4294967295)"}},
        Case{"kind: VirtualMachine\nname: v\nstopTimeout: 90\n",
             {"3:14: '90' is not a duration: it has no unit (write 90s or 90m)"}},
        Case{"kind: VirtualMachine\nname: v\ncpu: {mode: host-pasthrough}\n",
             {"3:13: 'host-pasthrough' is not one of host-passthrough, host-model, maximum, custom (did you mean "
              "'host-passthrough'?)"}},
        Case{"kind: VirtualMachine\nname: v\ninterfaces: [{name: a, macAddress: 52-54-00-00-00-01}]\n",
             {"3:36: '52-54-00-00-00-01' is not a MAC address (write six pairs of hexadecimal digits, e.g. "
              "52:54:00:12:34:56)"}},
        Case{"kind: VirtualMachine\nname: v\ninterfaces: [{name: a, network: n, address: 10.0.0.5/24}]\n",
             {"3:45: '10.0.0.5/24' is not an IP address (write it without the prefix length)"}},
        Case{"kind: VirtualMachine\nname: v\ninterfaces: [{name: a, network: n, address: 10.0.0.05}]\n",
             {"3:45: '10.0.0.05' is not an IP address (write e.g. 192.168.140.10 or fd12:3456:789a:1::10)"}},
        Case{"kind: Network\nname: n\naddresses: [{address: 10.0.0.1}]\n",
             {"3:23: '10.0.0.1' is not an IP address with a prefix length (write e.g. 10.0.0.1/24)"}},
        Case{"kind: VirtualMachine\nname: v\nlabels: {a: [b]}\n", {"3:13: 'labels.a' must be text, not a list"}}));

INSTANTIATE_TEST_SUITE_P(
    Yaml, Language,
    testing::Values(Case{"kind: VirtualMachine\nname: [\n", {"2:8: not valid YAML: end of sequence flow not found"}},
                    Case{"kind: VirtualMachine\ncpu:\n\tcount: 1\n",
                         {"3:7: not valid YAML: illegal map value (indent with spaces, not with tabs)"}},
                    Case{"kind: \xC3\xA4\xFF\n", {"1:8: the text is not UTF-8 (save the file in UTF-8)"}},
                    Case{"kind: a\x07\n",
                         {"1:8: control character \\x07 (remove it, or write it as an escape in double quotes)"}},
                    Case{"kind: VirtualMachine\nname: v\nboot: {kernel: /k, cmdline: \"a\\x01b\"}\n",
                         {"3:29: the text 'a\\x01b' has the control character \\x01"}},
                    Case{"kind: VirtualMachine\nname: v\nlabels: &a {x: *a}\n",
                         {"3:16: the alias refers to what it stands in (write the value out)"}}));

TEST(Language, SaysAllFaultsOfAllDocumentsOfAllFilesAtOnce) {
  const std::vector<Source> sources{
      {"a.yaml",
       "kind: VirtualMachine\nname: a/b\nmemory: {size: 1}\n---\nkind: [\n---\nkind: Volume\nname: v\ncapacity: 0B\n"},
      {"b.yaml", "kind: Image\nname: i\nsource: {fil: x}\n"}};
  std::vector<std::string> places;
  for (const Diagnostic& fault : read(sources, {}).diagnostics)
    places.push_back(fault.file + ":" + std::to_string(fault.line));
  EXPECT_EQ(places, (std::vector<std::string>{"a.yaml:2", "a.yaml:3", "a.yaml:5", "a.yaml:9", "b.yaml:3", "b.yaml:3"}));
}

TEST(Language, PlacesRulesOfTheModelAndRulesBetweenDocuments) {
  const char* nic = "interfaces:\n  - name: lan\n    network: lab\n    macAddress: 52:54:00:00:00:01\n";
  const std::string a = std::string("kind: VirtualMachine\nname: a\n") + nic;
  const std::string b = std::string("---\nkind: VirtualMachine\nname: b\nmemory: {size: 1PiB}\n") + nic;
  EXPECT_EQ(faults_of(read_text(a + b)),
            (std::vector<std::string>{"10:16: 1PiB of memory is out of range (write 16MiB to 16TiB)",
                                      "14:17: the MAC address '52:54:00:00:00:01' belongs to 'a' (m.yaml:1) already"}));
  EXPECT_EQ(faults_of(read_text("kind: VirtualMachine\nname: a\n---\nkind: VirtualMachine\nname: a\n")),
            std::vector<std::string>{"5:7: there is another VirtualMachine with the name 'a' (m.yaml:1)"});
}

TEST(Language, AFaultyValueBreaksNoRuleThatFollowsFromIt) {
  EXPECT_EQ(faults_of(read_text("kind: VirtualMachine\nname: v\ndisks: [{name: d, capacity: 5}]\n")).size(), 1u);
  EXPECT_EQ(faults_of(read_text("kind: VirtualMachine\nname: v\ncpu: {count: x, topology: {cores: 2}}\n")).size(), 1u);
}

TEST(Language, FindsTheSamePlacesWithWindowsLineEndsAndAByteOrderMark) {
  const auto result = read_text("\xEF\xBB\xBFkind: Volume\r\nname: v\r\ncapacity: \xC3\xA4\r\n");
  EXPECT_EQ(faults_of(result).at(0).substr(0, 5), "3:11:");
  EXPECT_EQ(result.diagnostics.at(0).source_line, "capacity: \xC3\xA4");
}

TEST(Language, CountsColumnsInCharacters) {
  EXPECT_EQ(faults_of(read_text("kind: VirtualMachine\nname: v\nlabels: {a: \"äöü\", \"x y\": b}\n")).at(0),
            "3:27: the name 'x y' has the character ' '; letters, digits and . _ + - are allowed");
}

TEST(Language, SkipsDocumentsThatHoldNothing) {
  EXPECT_TRUE(documents_of("").empty());
  EXPECT_TRUE(documents_of("# only a comment\n---\n\n---\n# another\n...\n").empty());
}

TEST(DiagnosticText, ShowsTheLineWithACaretAndTheHint) {
  const auto result = read_text("kind: Volume\nname: v\ncapacity: 20\n", {}, "lab.yaml");
  EXPECT_EQ(to_text(result.diagnostics.at(0)),
            "lab.yaml:3:11: error: '20' is not a size: it has no unit\n"
            "  capacity: 20\n"
            "            ^\n"
            "  hint: write 20GiB or 20MiB");
}

TEST(DiagnosticText, IsSafeOnATerminalAndPlacesTheCaretBehindEscapes) {
  const Diagnostic diagnostic{"a\x1b.yaml", 1, 3, "bad", "", "\t\tx"};
  EXPECT_EQ(to_text(diagnostic), "a\\x1b.yaml:1:3: error: bad\n  \\x09\\x09x\n          ^");
}

TEST(DiagnosticText, ShowsThePartOfALongLineAroundTheCaret) {
  const Diagnostic diagnostic{"a.yaml", 1, 501, "bad", "", std::string(500, 'a') + "Z" + std::string(400, 'b')};
  const std::string text = to_text(diagnostic);
  EXPECT_LT(text.size(), 400u);
  EXPECT_THAT(text, testing::HasSubstr(std::string(80, 'a') + "Zbbb"));
}

TEST(DiagnosticText, OneErrorCarriesAll) {
  const std::vector<Diagnostic> two{{"a", 0, 0, "x", "", ""}, {"b", 2, 1, "y", "", ""}};
  const util::Error error = to_error(two);
  EXPECT_EQ(error.kind(), util::Errc::invalid_input);
  EXPECT_EQ(error.message(), "a: error: x\nb:2:1: error: y");
}

}  // namespace
}  // namespace vmtool::manifest
