-- Revert mqk:lab/proofs from pg

begin;

set local role mqk_owner;

drop type lab.trial;
drop table lab.proofs;
drop table lab.trials;
drop table lab.signal_sets;

commit;
