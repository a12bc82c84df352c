create or replace function lab.explain_undefined(
    p_figures jsonb
)
returns jsonb
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce(jsonb_object_agg(w.figure, case
               when w.is_of_trades and p_figures -> 'trades' = '0' then 'no lot was closed'
               when not w.is_of_trades and p_figures -> 'sessions' = '0' then 'no session was played'
               else w.why end), '{}')
      from (values
        ('cagr', false, 'no time passed, or nothing was left'),
        ('annual_volatility', false, 'fewer than two sessions'),
        ('sharpe', false, 'fewer than two sessions, or returns that do not vary'),
        ('sortino', false, 'no session lost'),
        ('calmar', false, 'no fall, or nothing was left'),
        ('max_drawdown_from_on', false, 'no fall from a later peak than the opening cash'),
        ('max_drawdown_to_on', false, 'no fall'),
        ('max_drawdown_recovered_on', false, 'the peak was not reached again, or there was no fall'),
        ('turnover_a_session', false, 'no equity'),
        ('worst_five_sessions', false, 'fewer than five sessions'),
        ('profitable_months', false, 'fewer than two months'),
        ('best_session', false, 'no session was played'),
        ('worst_session', false, 'no session was played'),
        ('value_at_risk', false, 'no session was played'),
        ('total_return', false, 'no session was played'),
        ('exposure', false, 'no session was played'),
        ('average_sessions_held', true, 'no lot was closed'),
        ('best_trade_micros', true, 'no lot was closed'),
        ('worst_trade_micros', true, 'no lot was closed'),
        ('win_rate', true, 'no lot was closed'),
        ('profit_factor', true, 'no loss or no profit'),
        ('profit_factor_after_fees', true, 'no profit, or neither loss nor fee'),
        ('average_win_micros', true, 'no lot won'),
        ('average_loss_micros', true, 'no lot lost')) as w (figure, is_of_trades, why)
     where p_figures -> w.figure = 'null';
$function$;

comment on function lab.explain_undefined(jsonb) is
$$Of the figures of a curve and its trades those that are null, each with a word why.$$;
