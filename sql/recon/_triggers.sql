create or replace trigger _900_refuse_change before update or delete on recon.snapshots
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on recon.refusals
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on recon.comparisons
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on recon.drifts
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on recon.repairs
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on recon.tolerances
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on recon.snapshots
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on recon.refusals
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on recon.comparisons
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on recon.drifts
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on recon.repairs
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on recon.tolerances
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on recon.drift_kinds
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on recon.drift_kinds
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on recon.broker_statuses
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on recon.broker_statuses
for each statement execute function core.tg_refuse_change();
