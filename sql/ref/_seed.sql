insert into ref.timeframes (timeframe, bar_length)
values ('1m', '1 minute'), ('5m', '5 minutes'), ('15m', '15 minutes'), ('1H', '1 hour'), ('1D', null)
on conflict (timeframe) do nothing;
