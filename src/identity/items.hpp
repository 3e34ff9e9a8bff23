#pragma once
// One function per item of an identity; each says what it reads and how it plans.

#include "identity/plan.hpp"

namespace vmtool::identity {

Item machine_id_item();   ///< /etc/machine-id and D-Bus's copy (machine-id(5))
Item boot_entry_item();   ///< boot loader entries named by the machine-id; after it
Item host_key_item();     ///< SSH host keys, made anew of the same types
Item hostname_item();     ///< /etc/hostname, /etc/hosts, /etc/mailname, salt's minion id
Item random_seed_item();  ///< the seeds that are fed to the kernel at boot
Item credential_item();   ///< systemd's credential secret (systemd-creds(1))
Item lease_item();        ///< leases and DUIDs of dhclient, dhcpcd, NetworkManager, networkd, wicked
Item mac_item();          ///< rules that match a network card by its old address
Item address_item();      ///< fixed addresses, which two machines must not share
Item cloud_init_item();   ///< what cloud-init remembers of this instance
Item iscsi_item();        ///< the initiator's name
Item nvme_item();         ///< hostnqn and hostid
Item log_item();          ///< logs and journals, only if asked for
Item history_item();      ///< shell histories and the like, only if asked for

}  // namespace vmtool::identity
