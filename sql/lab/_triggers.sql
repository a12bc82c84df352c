create or replace trigger _900_refuse_change before update or delete on lab.datasets
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.datasets
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.packs
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.packs
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.derivations
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.derivations
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.studies
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.studies
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.steps
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.steps
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.results
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.results
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.outcomes
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.outcomes
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.parities
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.parities
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.promotions
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.promotions
for each statement execute function core.tg_refuse_change();
