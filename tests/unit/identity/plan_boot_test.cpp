// What a boot loader keeps: entries that are named by the machine-id, and its random seed.
#include "tests/unit/identity/plan_guest.hpp"

namespace vmtool::identity {
namespace {

using ::testing::Contains;

const std::string old_entry = "/boot/loader/entries/" + std::string(old_id) + "-6.1.conf";
const std::string new_entry = "/boot/loader/entries/" + std::string(sevens) + "-6.1.conf";

TEST(BootEntries, GetTheNewIdAndSoDoesWhatNamesThem) {
  const std::string saved = "# GRUB Environment Block\nsaved_entry=" + std::string(old_id) + "-6.1\n####";
  const Plan plan = Guest()
                        .file(etc_id, std::string(old_id) + "\n")
                        .file(old_entry, "title Linux\nmachine-id " + std::string(old_id) + "\nlinux /vmlinuz-6.1\n")
                        .file("/boot/grub2/grubenv", saved)
                        .file("/etc/kernel/entry-token", std::string(old_id) + "\n")
                        .file("/etc/machine-info", "KERNEL_INSTALL_MACHINE_ID=" + std::string(old_id) + "\n")
                        .plan();
  EXPECT_THAT(plan.edits, Contains(removal(old_entry)));
  EXPECT_THAT(plan.edits,
              Contains(write(new_entry, "title Linux\nmachine-id " + std::string(sevens) + "\nlinux /vmlinuz-6.1\n")));
  EXPECT_THAT(plan.edits, Contains(write("/boot/grub2/grubenv", "# GRUB Environment Block\nsaved_entry=" +
                                                                    std::string(sevens) + "-6.1\n####")));
  EXPECT_THAT(plan.edits, Contains(write("/etc/kernel/entry-token", std::string(sevens) + "\n")));
  EXPECT_THAT(plan.edits,
              Contains(write("/etc/machine-info", "KERNEL_INSTALL_MACHINE_ID=" + std::string(sevens) + "\n")));
  EXPECT_EQ(outcome(plan, "boot-entries", old_entry).new_value, std::string(sevens) + "-6.1.conf");
}

TEST(BootEntries, WhoseKernelLiesInADirectoryOfThatNameStay) {
  const Plan plan = Guest()
                        .file(etc_id, old_id)
                        .file(old_entry, "linux /" + std::string(old_id) + "/6.1/linux\n")
                        .file("/etc/kernel/entry-token", old_id)
                        .plan();
  EXPECT_EQ(outcome(plan, "boot-entries", old_entry).status, Status::not_possible);
  EXPECT_THAT(plan.edits, ::testing::Not(Contains(removal(old_entry))));
  EXPECT_THAT(plan.edits, ::testing::Not(Contains(write("/etc/kernel/entry-token", sevens))));
}

TEST(BootEntries, StayWhereTheIdIsEmptiedAndWhereTheyAreOthers) {
  Options options;
  options.machine_id = "empty";
  EXPECT_EQ(outcome(Guest().file(etc_id, old_id).file(old_entry, "x").plan(options), "boot-entries").status,
            Status::kept);
  EXPECT_EQ(
      outcome(Guest().file(etc_id, old_id).file("/boot/loader/entries/debian-6.1.conf", "x").plan(), "boot-entries")
          .status,
      Status::absent);
}

TEST(BootSeed, KeepsItsSizeOnTheEspWhateverThatIs) {
  const Plan plan = Guest().file("/boot/efi/loader/random-seed", std::string(20, 'x')).plan();
  EXPECT_THAT(plan.edits, Contains(write("/boot/efi/loader/random-seed", std::string(20, '\7'))));
}

}  // namespace
}  // namespace vmtool::identity
