-- Revert mqk:md/bars from pg

begin;

set local role mqk_owner;

drop table md.policies;
drop table md.bars;
drop table md.findings;
drop table md.ingests;

commit;
