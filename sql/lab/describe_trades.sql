create or replace function lab.describe_trades(
    p_profits bigint[],
    p_held    bigint[],
    p_fees    bigint
)
returns jsonb
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    with trades as (
        select u.nth, u.profit, u.held, sign(u.profit) as way,
               u.nth - row_number() over (partition by sign(u.profit) order by u.nth) as streak
          from unnest(p_profits, p_held) with ordinality as u (profit, held, nth)
    ), streaks as (
        select t.way, count(*) as n from trades as t group by t.way, t.streak
    ), summed as (
        select count(*) as n, count(*) filter (where t.way > 0) as wins,
               count(*) filter (where t.way < 0) as losses, avg(t.held) as held,
               sum(t.profit) filter (where t.way > 0) as gained,
               -sum(t.profit) filter (where t.way < 0) as lost, max(t.profit) as best,
               min(t.profit) as worst
          from trades as t
    )
    select jsonb_build_object(
        'trades', s.n, 'winning_trades', s.wins, 'losing_trades', s.losses,
        'win_rate', round(s.wins::numeric / nullif(s.n, 0), 6),
        'profit_factor', round(lab.compute_profit_factor(p_profits::numeric[]), 6),
        'profit_factor_after_fees', round(
            s.gained / nullif(coalesce(s.lost, 0) + p_fees, 0), 6),
        'average_win_micros', round(s.gained / nullif(s.wins, 0)),
        'average_loss_micros', -round(s.lost / nullif(s.losses, 0)),
        'best_trade_micros', s.best, 'worst_trade_micros', s.worst,
        'average_sessions_held', round(s.held, 6),
        'longest_winning_streak', coalesce((select max(k.n) from streaks as k where k.way > 0), 0),
        'longest_losing_streak', coalesce((select max(k.n) from streaks as k where k.way < 0), 0))
      from summed as s;
$function$;

comment on function lab.describe_trades(bigint[], bigint[], bigint) is
$$The figures of closed lots in closing order: profits before fees and sessions held, one value a lot;
p_fees: all fees paid, in micros. After fees the profit factor counts all fees as loss. A lot without
profit or loss is neither won nor lost and ends a streak. Null where there is none, never infinite.$$;
