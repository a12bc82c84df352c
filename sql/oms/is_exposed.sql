create or replace function oms.is_exposed(
    p_run_id uuid
)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select exists (select from ledger.positions as p
                    where p.run_id = p_run_id and p.position_qty <> 0)
           or exists (select from oms.list_open_shares(p_run_id, null));
$function$;

comment on function oms.is_exposed(uuid) is
$$True while a run holds shares or an order of it may still fill.$$;
