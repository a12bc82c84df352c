create or replace function md.parse_actions(
    p_rows   jsonb,
    p_now_at timestamptz
)
returns table (
    action  md.corporate_actions,
    finding text,
    detail  text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with typed as (
        select r.*, i.symbol as known_symbol, s.session_on, e.time_zone,
               core.parse_date(r.record_on) as record_day, core.parse_date(r.pay_on) as pay_day,
               case when r.ratio ~ '^[1-9][0-9]{0,4}:[1-9][0-9]{0,4}$'
                    then string_to_array(r.ratio, ':')::bigint[] end as ratio_parts,
               core.parse_micros(r.amount) as amount_micros,
               core.parse_time(r.announced_at) as known_at,
               case when r.cancels ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
                    then r.cancels::uuid end as cancels_id
          from jsonb_to_recordset(p_rows) as r (
               line_no bigint, symbol text, action_kind text, ex_on text, ratio text, amount text,
               record_on text, pay_on text, announced_at text, cancels text)
          left join ref.instruments as i on i.symbol = r.symbol
          left join ref.exchanges as e on e.exchange_id = i.exchange_id
          left join ref.sessions as s
            on s.exchange_id = i.exchange_id and s.session_on = core.parse_date(r.ex_on)
    ), lowest as (
        select t.*, coalesce(t.ratio_parts[1] / gcd(t.ratio_parts[1], t.ratio_parts[2]), 1) as num,
               coalesce(t.ratio_parts[2] / gcd(t.ratio_parts[1], t.ratio_parts[2]), 1) as den
          from typed as t
    )
    select row(core.derive_id('action', array[
                   l.symbol, l.action_kind, l.session_on::text, l.num::text, l.den::text,
                   coalesce(l.amount_micros, 0)::text, l.pay_day::text, l.cancels_id::text]),
               l.symbol, l.action_kind, l.session_on, l.session_on::timestamp at time zone l.time_zone,
               l.num, l.den, coalesce(l.amount_micros, 0), l.record_day, l.pay_day,
               l.pay_day::timestamp at time zone l.time_zone, l.cancels_id, l.known_at, null, null,
               l.line_no, null, p_now_at)::md.corporate_actions,
           md.find_action_defect(
               l.action_kind, l.known_symbol, l.session_on, l.ratio, l.num, l.den, l.amount,
               l.amount_micros, l.record_on, l.record_day, l.pay_on, l.pay_day, l.cancels,
               l.cancels_id, l.known_at, p_now_at),
           format('%s %s ex %s ratio %s amount %s pay %s announced %s', l.symbol, l.action_kind, l.ex_on,
                  l.ratio, l.amount, l.pay_on, l.announced_at)
      from lowest as l;
$function$;

comment on function md.parse_actions(jsonb, timestamptz) is
$$Every row of a batch of corporate actions in types, with the first law it breaks (finding), or null.
p_rows: [{line_no, symbol, action_kind SPLIT|CASH_DIVIDEND, ex_on, ratio 'new:old', amount (dollars a
share), record_on, pay_on, announced_at (with offset), cancels (an action_id)}], values as text.
Why: an id is made of what the action says, so the same announcement by two sources is one.$$;
