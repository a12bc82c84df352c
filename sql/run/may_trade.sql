create or replace function run.may_trade(
    p_run_id uuid,
    p_now_at timestamptz
)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    return exists (select from run.runs as r
                    where r.run_id = p_run_id and r.run_status = 'RUNNING')
           and not exists (
               select from run.list_shut_gates(
                   p_run_id, run.list_gates(), p_now_at));
end;
$function$;

comment on function run.may_trade(uuid, timestamptz) is
$$True while the run is RUNNING and all gates are open and fresh at p_now_at.$$;
