create or replace function risk.get_flatten(
    p_run_id uuid
)
returns risk.flattens
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select f.*
      from run.runs as r
      join risk.flattens as f on f.run_id = r.run_id and f.halted_seq = r.status_seq
     where r.run_id = p_run_id and r.run_status = 'HALTED';
$function$;

comment on function risk.get_flatten(uuid) is
$$The flatten that a run is under, or null: it is void once the halt it belongs to is cleared.
Why: one that is done goes on being asked for, so that a fill that comes late is closed, too.$$;
