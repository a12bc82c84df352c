create or replace function io.claim_notices(
    p_run_id      uuid,
    p_worker_name text,
    p_now_at      timestamptz
)
returns table (
    channel     text,
    delivery_no bigint,
    severity    text,
    notices     bigint,
    title       text,
    body        text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select c.channel, c.delivery_no, c.severity, c.notices, c.title, c.body
      from pager.claim_notices(p_run_id, p_worker_name, p_now_at) as c;
$function$;

comment on function io.claim_notices(uuid, text, timestamptz) is
$$Service door to pager.claim_notices: at most one message a channel, to be delivered within a minute.$$;
