-- Revert mqk:md/bars from pg

begin;

set local role mqk_owner;

drop type md.judged_bar;
drop type md.told_bar;
drop table md.policies;
drop table md.forbid_periods;
drop table md.feed_marks;
drop table md.conflicts;
drop table md.observations;
drop table md.bars;
drop table md.findings;
drop table md.sources;
drop table md.ingests;
drop table md.raws;

commit;
