-- Revert mqk:recon/snapshots from pg

begin;

set local role mqk_owner;

drop table recon.drifts;
drop table recon.comparisons;
drop table recon.snapshots;
drop table recon.tolerances;

commit;
