create or replace trigger _900_refuse_change before update or delete on strat.decisions
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on strat.targets
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on strat.assignments
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on strat.decisions
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on strat.targets
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on strat.assignments
for each statement execute function core.tg_refuse_change();
