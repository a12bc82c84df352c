create or replace trigger _900_refuse_change before update or delete on md.bars
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on md.findings
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on md.ingests
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on md.policies
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on md.policies
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on md.forbid_periods
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on md.forbid_periods
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on md.cleared_jumps
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on md.cleared_jumps
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on md.corporate_actions
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on md.corporate_actions
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on md.bars
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on md.findings
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on md.ingests
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on md.observations
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on md.observations
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on md.raws
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on md.raws
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on md.sources
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on md.sources
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on md.conflicts
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on md.conflicts
for each statement execute function core.tg_refuse_change();
create or replace trigger _100_know_parents after insert on md.bars
referencing new table as added
for each statement execute function md.tg_bars__know_parents();
create or replace trigger _900_refuse_change before update or delete on md.rulings
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on md.rulings
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on md.coverages
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on md.coverages
for each statement execute function core.tg_refuse_change();
