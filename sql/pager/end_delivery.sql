create or replace function pager.end_delivery(
    p_run_id      uuid,
    p_channel     text,
    p_delivery_no bigint,
    p_status      text,
    p_detail      text,
    p_rest_ms     integer,
    p_now_at      timestamptz
)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_delivery pager.deliveries;
begin
    perform core.assert_that(
        p_rest_ms between 0 and 3600000, 'MQA02', format('rest_ms %s not in 0..3600000', p_rest_ms));
    update pager.deliveries as d
       set delivery_status = p_status, detail = left(pager.redact_text(p_detail), 300),
           failures = k.failures, ended_at = k.ended_at,
           next_at = k.ended_at + least(interval '1 hour', greatest(
               p_rest_ms * interval '1 ms', pager.compute_pause(k.failures)))
      from (values (pager.get_engine_id(p_run_id, p_now_at))) as e (engine_id)
     cross join lateral (
        select case p_status when 'DELIVERED' then 0 else x.failures + 1 end as failures,
               greatest(x.begun_at, p_now_at) as ended_at
          from pager.deliveries as x
         where x.engine_id = e.engine_id and x.channel = p_channel
           and x.delivery_no = p_delivery_no) as k
     where d.engine_id = e.engine_id and d.channel = p_channel and d.delivery_no = p_delivery_no
       and d.delivery_status = 'BEGUN'
    returning d.* into v_delivery;
    if not found then
        return false;
    end if;
    update pager.notices as n
       set delivered_at = v_delivery.ended_at
     where n.engine_id = v_delivery.engine_id and n.channel = p_channel
       and n.delivery_no = p_delivery_no
       and p_status = 'DELIVERED';
    return true;
end;
$function$;

comment on function pager.end_delivery(uuid, text, bigint, text, text, integer, timestamptz) is
$$Says what became of a delivery (DELIVERED or FAILED, and what the other side said); false when it has
ended before. The channel rests as long as the other side asks (p_rest_ms) and as pager.compute_pause
wants, at most an hour.
Raises: MQA02 a rest over an hour; MQA03; MQN02; 23514 no such status.$$;
