create or replace trigger _900_refuse_change before update or delete on risk.limits
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on risk.decisions
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on risk.rejects
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on risk.decisions
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on risk.rejects
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on risk.limits
for each statement execute function core.tg_refuse_change();
