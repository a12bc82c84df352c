create or replace function io.claim_anchor(
    p_run_id      uuid,
    p_lease_epoch bigint,
    p_file_end    jsonb,
    p_key_id      text,
    p_now_at      timestamptz
)
returns table (
    is_signed boolean,
    anchor    jsonb
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.is_signed, f.anchor
      from run.claim_anchor(
           run.assert_lease(p_run_id, 'anchor', p_lease_epoch, p_now_at),
           p_file_end, p_key_id, p_now_at) as f;
$function$;

comment on function io.claim_anchor(uuid, bigint, jsonb, text, timestamptz) is
$$Service door to run.claim_anchor for the anchor worker that leads.
Raises: MQG08 p_lease_epoch does not lead; MQG66.$$;
