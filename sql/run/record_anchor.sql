create or replace function run.record_anchor(
    p_run_id    uuid,
    p_anchor    jsonb,
    p_file_name text,
    p_now_at    timestamptz
)
returns bigint
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select audit.record_anchor(
               r.engine_id, p_anchor, p_file_name, run.clamp_now(p_run_id, p_now_at))
      from run.runs as r
     where r.run_id = p_run_id;
$function$;

comment on function run.record_anchor(uuid, jsonb, text, timestamptz) is
$$Keeps a published anchor of the run's engine (audit.record_anchor).
Raises: MQA66; 23503, 23505, 23514.$$;
