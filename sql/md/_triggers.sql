create or replace trigger _900_refuse_change before update or delete on md.bars
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on md.findings
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_delete before delete on md.ingests
for each row execute function core.tg_refuse_change();
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
