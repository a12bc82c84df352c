create or replace function io.mark_notices_delivered(
    p_run_id      uuid,
    p_channel     text,
    p_delivery_no bigint,
    p_receipt     text,
    p_rest_ms     integer,
    p_now_at      timestamptz
)
returns boolean
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select pager.end_delivery(
               p_run_id, p_channel, p_delivery_no, 'DELIVERED', p_receipt, p_rest_ms, p_now_at);
$function$;

comment on function io.mark_notices_delivered(uuid, text, bigint, text, integer, timestamptz) is
$$Service door to pager.end_delivery: the message arrived; receipt: what the other side calls it.$$;
