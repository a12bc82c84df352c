create or replace function pager.expire_deliveries(
    p_engine_id text,
    p_now_at    timestamptz
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    update pager.deliveries as d
       set delivery_status = 'LOST', detail = 'nobody said what became of it',
           failures = d.failures + 1, ended_at = p_now_at,
           next_at = p_now_at + pager.compute_pause(d.failures + 1)
     where d.engine_id = p_engine_id
       and d.delivery_status = 'BEGUN'
       and d.expires_at <= p_now_at;
    update pager.notices as n
       set given_up_at = p_now_at
     where n.engine_id = p_engine_id
       and n.attempts >= 10
       and n.delivered_at is null
       and n.given_up_at is null
       and not exists (
           select from pager.deliveries as d
            where d.engine_id = n.engine_id and d.channel = n.channel
              and d.delivery_no = n.delivery_no and d.delivery_status = 'BEGUN');
$function$;

comment on function pager.expire_deliveries(text, timestamptz) is
$$Ends deliveries whose worker fell silent, so that their notices are told again, and gives up notices
that ten deliveries did not bring.
Why: told twice is better than not told; and a webhook is not asked for ever.$$;
