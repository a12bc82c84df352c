create or replace function io.record_anchor(
    p_run_id      uuid,
    p_lease_epoch bigint,
    p_anchor      jsonb,
    p_file_name   text,
    p_now_at      timestamptz
)
returns bigint
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select run.record_anchor(
           run.assert_lease(p_run_id, 'anchor', p_lease_epoch, p_now_at),
           p_anchor, p_file_name, p_now_at);
$function$;

comment on function io.record_anchor(uuid, bigint, jsonb, text, timestamptz) is
$$Service door to run.record_anchor for the anchor worker that leads.
Raises: MQG08 p_lease_epoch does not lead; MQA66; 23503, 23505, 23514.$$;
