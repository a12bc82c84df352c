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
create or replace trigger _900_refuse_change before update or delete on risk.restrictions
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on risk.restrictions
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on risk.day_trader_flags
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on risk.day_trader_flags
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_delete before delete on risk.flattens
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on risk.flattens
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_delete before delete on risk.states
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on risk.states
for each statement execute function core.tg_refuse_change();
